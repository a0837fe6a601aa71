import java.security.Principal;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.http.CacheControl;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Spring: who is logged in, for login.with: site. Spring Security must permit "/whoami" to all. */
@RestController
public class WhoamiController {
    private final MemberRepository members; // yours

    public WhoamiController(MemberRepository members) {
        this.members = members;
    }

    @GetMapping("/whoami")
    public ResponseEntity<Map<String, String>> whoami(Principal principal) { // null: logged out
        Member member = principal == null ? null : members.findByLoginId(principal.getName());
        if (member == null) {
            return ResponseEntity.status(401).cacheControl(CacheControl.noStore()).build();
        }
        Map<String, String> answer = new LinkedHashMap<>();
        answer.put("usercode", member.getLoginId());
        answer.put("username", member.getName());
        answer.put("email", member.getEmail());
        answer.put("phone", member.getPhone());
        return ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(answer);
    }
}
