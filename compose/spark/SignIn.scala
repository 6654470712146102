package solvent

import java.nio.file.{Files, Paths}
import java.security.MessageDigest
import javax.security.sasl.AuthenticationException

/** Lets in the one account with the password of this start, by its SHA-256; Spark's own ways to sign in check none. */
class SignIn extends org.apache.hive.service.auth.PasswdAuthenticationProvider {
  override def Authenticate(user: String, password: String): Unit = {
    val kept = Files.readAllBytes(Paths.get("/run/solvent/digest"))
    val came = MessageDigest.getInstance("SHA-256").digest(password.getBytes("UTF-8"))
    val text = came.map(byte => f"$byte%02x").mkString.getBytes("UTF-8")
    if (user != "solvent" || !MessageDigest.isEqual(text, kept))
      throw new AuthenticationException("wrong user or password")
  }
}
