// Shows as a notification of JupyterLab what Solvent has to say about the release of this environment.
//
// This is a prebuilt extension in the form that JupyterLab loads: a container of module federation with init and
// get. It needs none of JupyterLab's modules, so there is nothing to build.
(() => {
  // A page stays open for days: it asks again every ten minutes.
  const PERIOD = 10 * 60 * 1000;
  const SEEN = "solvent-notice";

  const plugin = {
    id: "solvent-notices:plugin",
    description: "Shows that the release of this environment ends.",
    autoStart: true,
    activate: (app) => {
      let shown = "";

      const ask = async () => {
        const { baseUrl, token, fetch } = app.serviceManager.serverSettings;
        const headers = token ? { Authorization: `token ${token}` } : {};
        const answer = await fetch(`${baseUrl}solvent/notice`, { headers, cache: "no-store" });
        const notice = answer.ok ? await answer.json() : null;
        if (notice === null || notice.id === shown) {
          return;
        }
        shown = notice.id;
        // The first time it stays until it is closed; after that it waits behind the bell.
        const known = window.localStorage.getItem(SEEN) === notice.id;
        window.localStorage.setItem(SEEN, notice.id);
        await app.commands.execute("apputils:notify", {
          message: notice.short,
          type: "warning",
          options: { autoClose: known ? 0 : false },
        });
      };

      const look = () => {
        if (app.commands.hasCommand("apputils:notify")) {
          ask().catch(() => undefined);
        }
      };
      void app.restored.then(() => {
        look();
        window.setInterval(look, PERIOD);
      });
    },
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["solvent-notices"] = {
    init: () => undefined,
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
