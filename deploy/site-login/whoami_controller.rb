# Rails: who is logged in, for login.with: site. In routes.rb: get "/whoami", to: "whoami#show"
class WhoamiController < ApplicationController
  skip_before_action :require_login, raise: false # whatever sends people to your login page

  def show
    request.session_options[:skip] = true if request.headers["X-Ocsso-Purpose"] == "recheck"
    response.headers["Cache-Control"] = "no-store"
    return head :unauthorized unless current_user

    render json: {
      usercode: current_user.id.to_s, username: current_user.name, email: current_user.email,
      phone: current_user.phone
    }
  end
end
