<?php
// PHP: who is logged in, for login.with: site. Put it where your application answers.
session_cache_limiter('');
session_start(['use_strict_mode' => 1, 'read_and_close' => true]); // changes nothing in the session
header('Cache-Control: no-store');
$member = $_SESSION['member'] ?? null; // what your login keeps: change this line
if ($member === null) {
    http_response_code(401);
    exit;
}
header('Content-Type: application/json');
echo json_encode([
    'usercode' => (string) $member['id'], 'username' => $member['name'],
    'email' => $member['email'], 'phone' => $member['phone'],
], JSON_THROW_ON_ERROR);
