# Runs a Rails controller without Rails. Its argument is the controller's file.
require "json"
require "socket"

Member = Struct.new(:id, :name, :email, :phone)

class ApplicationController
  Headers = Struct.new(:headers, :session_options)
  attr_reader :request, :response, :status, :body, :current_user

  def self.skip_before_action(*, **) = nil

  def initialize(headers)
    @request, @response, @status = Headers.new(headers, {}), Headers.new({}), 200
    @current_user = Member.new("minji", "김민지", "minji@example.com", "010-1234-5678") if headers["Cookie"] == "sid=minji"
  end

  def head(status) = @status = { unauthorized: 401 }.fetch(status)

  def render(json:) = @body = JSON.generate(json)
end

require ARGV[0]

server = TCPServer.new("127.0.0.1", 0)
puts server.addr[1]
$stdout.flush
loop do
  client = server.accept
  client.gets
  headers = {}
  while (line = client.gets.strip) != ""
    name, value = line.split(": ", 2)
    headers[name] = value
  end
  controller = WhoamiController.new(headers)
  controller.show
  client.write("HTTP/1.1 #{controller.status} Done\r\nConnection: close\r\nContent-Type: application/json\r\n")
  controller.response.headers.each { |name, value| client.write("#{name}: #{value}\r\n") }
  client.write("Content-Length: #{controller.body.to_s.bytesize}\r\n\r\n#{controller.body}")
  client.close
end
