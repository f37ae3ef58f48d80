"""Django in one module. Run it from the root of the repository and open http://localhost:8000:

AUTH_SECRET=$(authwire secret) django-admin runserver 8000 --settings examples.django.app --pythonpath .
"""

from secrets import token_hex

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path
from django.views.decorators.http import require_POST

from authwire.integrations.django import auth
from examples.shared import config, home_page, is_ada

SECRET_KEY, DEBUG = token_hex(), True
ROOT_URLCONF, LOGIN_URL = __name__, "auth:signin"
INSTALLED_APPS = ["authwire.integrations.django"]
MIDDLEWARE = ["authwire.integrations.django.AuthMiddleware"]
AUTHWIRE = config


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse(home_page(request.auth))


@auth.required  # Django's own login_required does as well
def me(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"This is the page of {request.user.name}.", content_type="text/plain")


@require_POST
@auth.required
def rename(request: HttpRequest) -> HttpResponse:
    auth.update_session(request, {"name": request.POST.get("name")})
    return redirect("/")


urlpatterns = [path("auth/", include("authwire.integrations.django.urls")), path("", home)]
urlpatterns += [path("me", me), path("ada", auth.require(is_ada)(me)), path("rename", rename)]
