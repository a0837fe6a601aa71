import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * An integration written from the vendor's page with the JDK alone: login, form handoff, status, verify and logout.
 * Arguments: the help center's origin, the service, the organization key, and the one member's usercode and password.
 */
public class Shop {
    static String helpCenter, service, key, member, password;
    static final Map<String, String> sessions = new HashMap<>(); // usercode by session id
    static final Map<String, String> tokens = new HashMap<>(); // session id by token

    public static void main(String[] args) throws IOException {
        helpCenter = args[0];
        service = args[1];
        key = args[2];
        member = args[3];
        password = args[4];
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/login", Shop::login);
        server.createContext("/status", Shop::status);
        server.createContext("/verify", Shop::verify);
        server.createContext("/logout", Shop::logout);
        server.start();
        System.out.println("http://127.0.0.1:" + server.getAddress().getPort());
    }

    static void login(HttpExchange x) throws IOException {
        Map<String, String> query = parse(x.getRequestURI().getRawQuery());
        Map<String, String> form = parse(new String(x.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        String returnUrl = form.getOrDefault("returnUrl", query.getOrDefault("returnUrl", ""));
        if (!returnUrl.startsWith(helpCenter + "/")) {
            send(x, 400, "text/plain", "returnUrl");
            return;
        }
        String session = session(x);
        if (form.containsKey("password")) {
            if (!member.equals(form.get("usercode")) || !password.equals(form.get("password"))) {
                send(x, 200, "text/html", loginForm(returnUrl, "wrong"));
                return;
            }
            session = UUID.randomUUID().toString();
            sessions.put(session, member);
            x.getResponseHeaders().add("Set-Cookie", "shop=" + session + "; Path=/; Secure; HttpOnly; SameSite=None");
        }
        send(x, 200, "text/html", session == null ? loginForm(returnUrl, "") : handoff(session, returnUrl));
    }

    static String loginForm(String returnUrl, String message) {
        return "<form method=post action=/login><p>" + message + "</p>" + hidden("returnUrl", returnUrl)
            + "<input name=usercode><input name=password type=password><button>Log in</button></form>";
    }

    static String handoff(String session, String returnUrl) {
        String time = String.valueOf(System.currentTimeMillis());
        String token = sign(String.join("&", service, member, returnUrl, time));
        tokens.put(token, session);
        return "<form method=post action=\"" + helpCenter + "/v2/enduser/remote.json\">" + hidden("service", service)
            + hidden("usercode", member) + hidden("returnUrl", returnUrl) + hidden("time", time) + hidden("token", token) + "</form><script>document.forms[0].submit()</script>";
    }

    static String hidden(String name, String value) {
        String escaped = value.replace("&", "&amp;").replace("\"", "&quot;").replace("<", "&lt;");
        return "<input type=hidden name=\"" + name + "\" value=\"" + escaped + "\">";
    }

    static String sign(String message) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return Base64.getEncoder().encodeToString(mac.doFinal(message.getBytes(StandardCharsets.UTF_8)));
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static void status(HttpExchange x) throws IOException {
        x.getResponseHeaders().set("Vary", "Origin");
        if (helpCenter.equals(x.getRequestHeaders().getFirst("Origin"))) {
            x.getResponseHeaders().set("Access-Control-Allow-Origin", helpCenter);
            x.getResponseHeaders().set("Access-Control-Allow-Credentials", "true");
            x.getResponseHeaders().set("Access-Control-Allow-Headers",
                "service, usercode, username, email, phone, memberno, returnUrl, time, token");
        }
        String session = session(x);
        sendState(x, session == null ? null : sessions.get(session));
    }

    static void verify(HttpExchange x) throws IOException {
        Map<String, String> query = parse(x.getRequestURI().getRawQuery());
        String owner = sessions.get(tokens.getOrDefault(query.getOrDefault("token", ""), ""));
        sendState(x, owner != null && owner.equals(query.get("usercode")) ? owner : null);
    }

    static void logout(HttpExchange x) throws IOException {
        String session = session(x);
        if (session != null) {
            sessions.remove(session);
        }
        send(x, 200, "text/html", "<p>Logged out</p>");
    }

    static void sendState(HttpExchange x, String usercode) throws IOException {
        send(x, 200, "application/json", usercode == null
            ? "{\"login\":\"false\",\"usercode\":null}" : "{\"login\":\"true\",\"usercode\":\"" + usercode + "\"}");
    }

    static void send(HttpExchange x, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        x.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
        x.getResponseHeaders().set("Cache-Control", "no-store");
        x.sendResponseHeaders(status, bytes.length);
        x.getResponseBody().write(bytes);
        x.close();
    }

    static String session(HttpExchange x) {
        String cookies = x.getRequestHeaders().getFirst("Cookie");
        for (String pair : cookies == null ? new String[0] : cookies.split("; ")) {
            if (pair.startsWith("shop=") && sessions.containsKey(pair.substring(5))) {
                return pair.substring(5);
            }
        }
        return null;
    }

    static Map<String, String> parse(String text) {
        Map<String, String> values = new HashMap<>();
        for (String pair : text == null ? new String[0] : text.split("&")) {
            String[] parts = pair.split("=", 2);
            if (parts.length == 2) {
                values.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
            }
        }
        return values;
    }
}
