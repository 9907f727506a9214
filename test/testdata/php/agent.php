<?php
// A CRM agent's session over ICI, written with PHP's own SOAP extension: a second
// client for tests, which shares no code with zeep.
//
// Usage: agent.php URL USER
//
// Arguments, commands on stdin and lines on stdout are those of ../zeep/agent.py;
// its head comment describes them. Descriptions are loaded from the server
// itself; events are taken in by a SoapServer that was made from the one of IciEvent.

const TIMEOUT = 15;
error_reporting(E_ALL);
ini_set('display_errors', 'stderr');
ini_set('soap.wsdl_cache_enabled', '0');
ini_set('default_socket_timeout', (string) TIMEOUT);

function emit(array $fields): void
{
    fwrite(STDOUT, json_encode($fields, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR) . "\n");
    fflush(STDOUT);
}

// items is an array as the extension gives it, as a list.
function items(mixed $list): array
{
    return is_object($list) && isset($list->item) ? (array) $list->item : [];
}

// Events are the operations of IciEvent.
class Events
{
    public function phoneCallChanged(object $m): array
    {
        $call = $m->phoneCall;
        emit([
            'event' => 'phoneCallChanged', 'handle' => $call->callHandle, 'line' => $call->lineNumber,
            'status' => (int) $call->callStatus->id, 'processing' => (int) $call->processingStatus->id,
            'capabilities' => items($call->capabilityList), 'remote' => items($call->remoteNumbers), 'dialed' => $call->dialedNumber,
            'inbound' => $call->inbound, 'internal' => $call->internal, 'data' => $call->attachedData, 'appIds' => items($m->appIds),
        ]);
        return ['response' => ''];
    }

    public function userChanged(object $m): array
    {
        $queues = array_map(fn ($q) => $q->id, items($m->user->currentQueues));
        emit(['event' => 'userChanged', 'user' => $m->user->userId, 'workmode' => (int) $m->user->currentWorkmode->id, 'queues' => $queues]);
        return ['response' => ''];
    }

    public function containerChanged(object $m): array
    {
        emit(['event' => 'containerChanged', 'line' => $m->containerId, 'status' => (int) $m->containerStatus->id]);
        return ['response' => ''];
    }

    public function subscriptionEnded(object $m): array
    {
        emit(['event' => 'subscriptionEnded', 'reason' => (int) $m->reason->id]);
        return ['response' => ''];
    }
}

class Agent
{
    private array $clients = [];
    private SoapServer $events;
    private string $line = '';
    private mixed $sink;

    public function __construct(string $url, private string $user)
    {
        $folder = substr($url, 0, (int) strrpos($url, '/'));
        $options = [
            'location' => $url, // a CRM knows no other address
            'features' => SOAP_SINGLE_ELEMENT_ARRAYS, 'exceptions' => true, 'cache_wsdl' => WSDL_CACHE_NONE, 'connection_timeout' => TIMEOUT,
        ];
        foreach (['System', 'User', 'Container', 'Item', 'PhoneLine', 'PhoneCall'] as $name) {
            $this->clients[$name] = new SoapClient("$folder/Ici{$name}Service.asmx?WSDL", $options);
        }
        $this->events = new SoapServer("$folder/IciEventService.asmx?WSDL", ['features' => SOAP_SINGLE_ELEMENT_ARRAYS, 'cache_wsdl' => WSDL_CACHE_NONE]);
        $this->events->setClass(Events::class);
        $this->sink = stream_socket_server('tcp://127.0.0.1:0') ?: throw new RuntimeException('cannot listen');
        $this->login('http://' . stream_socket_get_name($this->sink, false) . '/IciEventService/IciEventConf?style=document');
    }

    private function login(string $appUrl): void
    {
        $key = ['appUrl' => $appUrl, 'appId' => "php-$this->user"];
        $this->ask('System', 'exchangeProductInformation', ['iciVersion' => '3.07']);
        $this->ask('System', 'getWorkcenterCapability', ['userId' => $this->user]);
        $user = $this->ask('User', 'getAttributes', ['userId' => $this->user]);
        foreach (items($user->addresses) as $address) {
            if ($address->channel === '1') {
                $this->line = $address->address;
            }
        }
        $this->ask('User', 'subscribe', $key + ['userId' => $this->user]);
        $this->ask('Container', 'subscribe', $key + ['channelType' => '1', 'containerId' => $this->line]);
        $this->ask('User', 'setCurrentWorkmode', ['userId' => $this->user, 'workmode' => '2']);
        emit(['ready' => true, 'user' => $this->user, 'line' => $this->line, 'sink' => $appUrl]);
    }

    private function ask(string $service, string $operation, array $arguments): mixed
    {
        return $this->clients[$service]->__soapCall($operation, [$arguments])->response ?? null;
    }

    // run serves commands and events until the commands end.
    public function run(): void
    {
        while (true) {
            $ready = [STDIN, $this->sink];
            $none = null;
            if (stream_select($ready, $none, $none, null) === false) {
                throw new RuntimeException('select failed');
            }
            if (in_array($this->sink, $ready, true)) {
                $this->receive(stream_socket_accept($this->sink, 0) ?: throw new RuntimeException('accept failed'));
                continue; // what has happened before a command is told before its answer
            }
            $line = fgets(STDIN);
            if ($line === false) {
                return;
            }
            $c = json_decode($line, true, 512, JSON_THROW_ON_ERROR);
            emit(['reply' => $c['id'], 'op' => $c['op']] + $this->answer($c));
        }
    }

    // receive takes one HTTP request in: an event.
    private function receive(mixed $peer): void
    {
        stream_set_timeout($peer, TIMEOUT);
        $length = 0;
        while (($header = fgets($peer)) !== false && trim($header) !== '') {
            if (preg_match('/^content-length:\s*(\d+)/i', $header, $m)) {
                $length = (int) $m[1];
            }
        }
        $body = $length > 0 ? stream_get_contents($peer, $length) : '';
        ob_start();
        try {
            $this->events->handle($body);
        } catch (Throwable $e) {
            emit(['broken' => $e->getMessage(), 'message' => $body]);
        }
        $answer = (string) ob_get_clean();
        $status = str_contains($answer, 'Fault>') ? '500 Internal Server Error' : '200 OK';
        if ($status !== '200 OK') {
            emit(['broken' => $answer, 'message' => $body]);
        }
        fwrite($peer, "HTTP/1.1 $status\r\nContent-Type: text/xml; charset=utf-8\r\nConnection: close\r\nContent-Length: " . strlen($answer) . "\r\n\r\n$answer");
        fclose($peer);
    }

    private function answer(array $c): array
    {
        try {
            return ['result' => $this->command($c)];
        } catch (SoapFault $fault) {
            $d = $fault->detail->IciErrorCodes ?? throw $fault;
            return ['fault' => ['area' => (int) $d->areaCode, 'code' => (int) $d->errorCode, 'text' => (string) $d->errorText, 'retry' => (string) $d->errorRetry === 'true']];
        }
    }

    private function command(array $c): mixed
    {
        $handle = $c['handle'] ?? '';
        $item = ['itemId' => $handle];
        $line = ['lineNumber' => $c['line'] ?? $this->line];
        $call = $line + ['callHandle' => $handle];
        $place = $item + ['containerId' => $this->line];
        $pair = $line + ['connCallHandle' => $handle, 'heldCallHandle' => $c['other'] ?? ''];
        [$service, $arguments] = match ($c['op']) {
            'accept', 'reroute' => ['Item', $place],
            'wrapUpRequired', 'wrapUpEnded', 'getAttachedData', 'deleteAttachedData' => ['Item', $item],
            'setAttachedData' => ['Item', $item + ['attachedData' => $c['data']]],
            'create' => ['Item', ['channelType' => '1', 'containerId' => $this->line]],
            'forward' => ['Item', $place + ['destType' => $c['type'], 'destination' => $c['number']]],
            'hold', 'unhold', 'drop', 'getAttributes' => ['PhoneCall', $call],
            'dial' => ['PhoneCall', $call + ['dialNumber' => $c['number']]],
            'consult' => ['PhoneCall', $call + ['connCallHandle' => $c['other'], 'dialNumber' => $c['number'], 'nextStep' => 2]],
            'transfer', 'reconnect', 'alternate', 'conference' => ['PhoneCall', $pair],
            'dropParty' => ['PhoneCall', $call + ['remoteNumber' => $c['number']]],
            'sendDTMF' => ['PhoneCall', $call + ['digits' => $c['digits']]],
            'getCalls', 'dropCalls' => ['PhoneLine', $line],
            'setWorkmode' => ['User', ['userId' => $this->user, 'workmode' => (string) $c['workmode']]],
            'setQueues' => ['User', ['userId' => $this->user, 'queues' => ['item' => $c['queues']]]],
            'getUser' => ['User', ['userId' => $this->user]],
        };
        $operation = ['setWorkmode' => 'setCurrentWorkmode', 'setQueues' => 'setCurrentQueues', 'getUser' => 'getAttributes'][$c['op']] ?? $c['op'];
        return $this->ask($service, $operation, $arguments);
    }
}

(new Agent($argv[1], $argv[2]))->run();
