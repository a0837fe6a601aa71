// Runs an Express handler without Express. Its argument is the handler's file.
const http = require("node:http");
const whoami = require(process.argv[2]);

http.createServer((req, res) => {
  const member = { id: "minji", name: "김민지", email: "minji@example.com", phone: "010-1234-5678" };
  req.session = req.headers.cookie === "sid=minji" ? { member } : {};
  req.get = (name) => req.headers[name.toLowerCase()];
  res.set = (name, value) => res.setHeader(name, value);
  res.status = (code) => Object.assign(res, { statusCode: code });
  res.json = (value) => {
    res.set("X-Touched", String(req.session !== null)); // express-session prolongs it then
    res.set("Content-Type", "application/json; charset=utf-8");
    res.end(JSON.stringify(value));
  };
  whoami(req, res);
}).listen(0, "127.0.0.1", function () {
  console.log(this.address().port);
});
