package solvent

import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.hive.thriftserver.HiveThriftServer2

/** Spark's own Thrift server, after a first table: what it loads for that takes longer than any client waits. */
object Server {
  def main(arguments: Array[String]): Unit = {
    val session = SparkSession.builder().getOrCreate()
    session.sql("create table warmed (v decimal(18, 4), w string)")
    session.sql("insert into warmed values (1, 'one'), (2, 'two')")
    session.sql("select w, sum(v) from warmed where v > 0 group by w order by w").collect()
    session.sql("drop table warmed")
    HiveThriftServer2.main(arguments)
  }
}
