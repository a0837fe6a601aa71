<?php
// Logs in as the member minji, in the session that whoami.php reads.
session_start();
$_SESSION['member'] = ['id' => 'minji', 'name' => '김민지', 'email' => 'minji@example.com', 'phone' => '010-1234-5678'];
