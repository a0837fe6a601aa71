# Django: who is logged in, for login.with: site. In urls.py: path("whoami", whoami)
# Django prolongs a session only when it is written, unless SESSION_SAVE_EVERY_REQUEST is set.
from django.http import HttpResponse, JsonResponse


def whoami(request):
    user = request.user
    if user.is_authenticated:
        response = JsonResponse({
            "usercode": user.get_username(), "username": user.last_name + user.first_name,
            "email": user.email, "phone": getattr(user, "phone", ""),
        })
    else:
        response = HttpResponse(status=401)
    response["Cache-Control"] = "no-store"
    return response
