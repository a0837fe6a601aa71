// Express: who is logged in, for login.with: site. After app.use(session(...)):
//   app.get("/whoami", require("./whoami"));
module.exports = (req, res) => {
  const member = req.session && req.session.member; // what your login keeps: change this line
  if (req.get("X-Ocsso-Purpose") === "recheck") {
    req.session = null; // express-session then doesn't prolong it (with unset: "keep", its default)
  }
  res.set("Cache-Control", "no-store");
  if (!member) {
    return res.status(401).end();
  }
  res.json({
    usercode: String(member.id), username: member.name, email: member.email, phone: member.phone,
  });
};
