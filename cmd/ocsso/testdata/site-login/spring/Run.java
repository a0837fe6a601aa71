import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.Map;
import org.springframework.http.ResponseEntity;

/** Runs the Spring controller without Spring. */
public class Run {
    public static void main(String[] arguments) throws Exception {
        WhoamiController controller = new WhoamiController(new MemberRepository());
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/whoami", exchange -> {
            String cookie = exchange.getRequestHeaders().getFirst("Cookie");
            Principal principal = "sid=minji".equals(cookie) ? () -> "minji" : null;
            ResponseEntity<Map<String, String>> answer = controller.whoami(principal);
            StringBuilder json = new StringBuilder();
            if (answer.body != null) {
                answer.body.forEach((name, value) ->
                    json.append(json.length() == 0 ? "{" : ",").append('"' + name + "\":\"" + value + '"'));
                json.append("}");
            }
            byte[] body = json.toString().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.getResponseHeaders().set("Cache-Control", answer.cacheControl);
            exchange.sendResponseHeaders(answer.status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        System.out.println(server.getAddress().getPort());
    }
}

class MemberRepository {
    Member findByLoginId(String id) {
        return new Member();
    }
}

class Member {
    String getLoginId() { return "minji"; }
    String getName() { return "김민지"; }
    String getEmail() { return "minji@example.com"; }
    String getPhone() { return "010-1234-5678"; }
}
