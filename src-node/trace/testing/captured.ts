/**
 * What the tools of a node said, captured on two nodes made of network namespaces: pod 10.244.1.5 on the first, pod 10.244.2.7 on the second,
 * and kube-proxy's own rules for a few services.
 */
export const events = {
  connected: `[1795292975.026372]	    [NEW] tcp      6 120 SYN_SENT src=10.244.1.5 dst=10.96.20.1 sport=61374 dport=80 [UNREPLIED] src=10.244.2.7 dst=10.244.1.5 sport=8080 dport=61374
[1795292975.026423]	 [UPDATE] tcp      6 60 SYN_RECV src=10.244.1.5 dst=10.96.20.1 sport=61374 dport=80 src=10.244.2.7 dst=10.244.1.5 sport=8080 dport=61374
[1795292975.026434]	 [UPDATE] tcp      6 432000 ESTABLISHED src=10.244.1.5 dst=10.96.20.1 sport=61374 dport=80 src=10.244.2.7 dst=10.244.1.5 sport=8080 dport=61374 [ASSURED]
[1795292975.028538]	 [UPDATE] tcp      6 120 FIN_WAIT src=10.244.1.5 dst=10.96.20.1 sport=61374 dport=80 src=10.244.2.7 dst=10.244.1.5 sport=8080 dport=61374 [ASSURED]
conntrack v1.4.7 (conntrack-tools): 4 flow events have been shown.
`,
  arrived: `[1795292975.026477]	    [NEW] tcp      6 120 SYN_SENT src=10.244.1.5 dst=10.244.2.7 sport=61374 dport=8080 [UNREPLIED] src=10.244.2.7 dst=10.244.1.5 sport=8080 dport=61374
[1795292975.026506]	 [UPDATE] tcp      6 60 SYN_RECV src=10.244.1.5 dst=10.244.2.7 sport=61374 dport=8080 src=10.244.2.7 dst=10.244.1.5 sport=8080 dport=61374
[1795292975.026520]	 [UPDATE] tcp      6 432000 ESTABLISHED src=10.244.1.5 dst=10.244.2.7 sport=61374 dport=8080 src=10.244.2.7 dst=10.244.1.5 sport=8080 dport=61374 [ASSURED]
`,
  reset: `[1795292662.285870]	    [NEW] tcp      6 120 SYN_SENT src=10.244.1.5 dst=10.96.20.3 sport=61201 dport=80 [UNREPLIED] src=10.244.2.7 dst=10.244.1.5 sport=8081 dport=61201
[1795292662.285939]	[DESTROY] tcp      6 120 CLOSE src=10.244.1.5 dst=10.96.20.3 sport=61201 dport=80 [UNREPLIED] src=10.244.2.7 dst=10.244.1.5 sport=8081 dport=61201
`,
  lost: `[1795292672.304725]	    [NEW] tcp      6 120 SYN_SENT src=10.244.1.5 dst=10.244.2.99 sport=61203 dport=80 [UNREPLIED] src=10.244.2.99 dst=10.244.1.5 sport=80 dport=61203
`,
  /** Its source is replaced by the node's address, and another port. */
  masqueraded: `[1795292682.331238]	    [NEW] tcp      6 120 SYN_SENT src=10.244.1.5 dst=10.96.0.1 sport=61205 dport=443 [UNREPLIED] src=172.28.0.12 dst=172.28.0.11 sport=6443 dport=27600
[1795292682.332747]	[DESTROY] tcp      6 120 CLOSE src=10.244.1.5 dst=10.96.0.1 sport=61205 dport=443 [UNREPLIED] src=172.28.0.12 dst=172.28.0.11 sport=6443 dport=27600
`,
  /** The other node's, whose own node port sends it on to a pod. */
  nodePort: `[1795292983.332802]	    [NEW] tcp      6 120 SYN_SENT src=172.28.0.11 dst=172.28.0.12 sport=27601 dport=30080 [UNREPLIED] src=10.244.2.7 dst=10.244.2.1 sport=8080 dport=40122
`,
}

export const TABLE = `udp      17 17 src=172.28.0.11 dst=172.28.0.12 sport=52208 dport=8472 [UNREPLIED] src=172.28.0.12 dst=172.28.0.11 sport=8472 dport=52208 mark=0 use=1
tcp      6 106 TIME_WAIT src=10.244.1.5 dst=10.96.20.1 sport=61001 dport=80 src=10.244.2.7 dst=10.244.1.5 sport=8080 dport=61001 [ASSURED] mark=0 use=1
udp      17 28 src=10.244.1.5 dst=10.96.20.5 sport=61500 dport=53 src=10.244.2.7 dst=10.244.1.5 sport=5353 dport=61500 mark=0 use=1
icmp     1 29 src=10.244.1.5 dst=10.244.2.7 type=8 code=0 id=7 src=10.244.2.7 dst=10.244.1.5 type=0 code=0 id=7 mark=0 use=1
`

export const notes = {
  connected: `2026/11/21 20:21:58.801190 socat[28887] N reading from and writing to stdio
2026/11/21 20:21:58.801280 socat[28887] N opening connection to AF=2 10.96.20.1:80
2026/11/21 20:21:58.801651 socat[28887] N starting data transfer loop with FDs [0,1] and [5,5]
`,
  refused: `2026/11/21 20:21:58.838943 socat[28899] N opening connection to AF=2 10.96.20.3:80
2026/11/21 20:21:58.839226 socat[28899] E connect(5, AF=2 10.96.20.3:80, 16): Connection refused
2026/11/21 20:21:58.839226 socat[28899] N exit(1)
`,
  timeout: `2026/11/21 20:22:58.932413 socat[28926] N opening connection to AF=2 10.244.2.99:80
2026/11/21 20:23:01.934393 socat[28926] E connecting to AF=2 10.244.2.99:80: Connection timed out
2026/11/21 20:23:01.934393 socat[28926] N exit(1)
`,
  unreachable: `2026/11/21 20:22:01.949691 socat[28931] N opening connection to AF=2 10.96.99.99:80
2026/11/21 20:22:01.949848 socat[28931] E connect(5, AF=2 10.96.99.99:80, 16): Network is unreachable
`,
  taken: `2026/11/21 20:22:12.615418 socat[29351] N opening connection to AF=2 10.96.20.1:80
2026/11/21 20:22:12.615474 socat[29351] E bind(5, {AF=2 0.0.0.0:61001}, 16): Address already in use
`,
  /** socat 1.8 says why in a warning. */
  newRefused: `2026/11/21 21:04:41.392543 socat[22489] N opening connection to AF=2 10.96.20.2:80
2026/11/21 21:04:41.392675 socat[22489] W connect(5, AF=2 10.96.20.2:80, 16): Connection refused
2026/11/21 21:04:41.392693 socat[22489] E TCP4:10.96.20.2:80: Connection refused
`,
  newTimeout: `2026/11/21 21:04:41.399433 socat[22491] N opening connection to 10.244.2.7:8082
2026/11/21 21:04:41.399444 socat[22491] N opening connection to AF=2 10.244.2.7:8082
2026/11/21 21:04:43.403357 socat[22491] W connecting to AF=2 10.244.2.7:8082: Connection timed out
2026/11/21 21:04:43.403444 socat[22491] E TCP4:10.244.2.7:8082: Operation now in progress
`,
  newTaken: `2026/11/21 21:04:43.425969 socat[22613] N opening connection to AF=2 10.96.20.1:80
2026/11/21 21:04:43.425985 socat[22613] W bind(5, {AF=2 0.0.0.0:61374}, 16): Address already in use
2026/11/21 21:04:43.425996 socat[22613] E TCP4:10.96.20.1:80: Address already in use
`,
  udp: `2026/11/21 20:23:45.320253 socat[30715] N opening connection to AF=2 10.96.20.5:53
2026/11/21 20:23:45.320295 socat[30715] N successfully connected from local address AF=2 10.244.1.5:61500
2026/11/21 20:23:45.320309 socat[30715] N starting data transfer loop with FDs [0,1] and [5,5]
`,
  udpRefused: `2026/11/21 20:23:46.335535 socat[30726] N opening connection to AF=2 10.244.2.7:5354
2026/11/21 20:23:46.335585 socat[30726] N successfully connected from local address AF=2 10.244.1.5:61501
2026/11/21 20:23:46.335594 socat[30726] N starting data transfer loop with FDs [0,1] and [5,5]
2026/11/21 20:23:46.335871 socat[30726] E read(5, 0x55a9d57f7000, 8192): Connection refused
`,
}

/** `iptables-save -c`, the rules of some services only. */
export const NAT = `[93:7012] -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
[61:5151] -A PREROUTING -m comment --comment "kubernetes host ports" -j KUBE-HOSTPORTS
[41:4336] -A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
[40:4276] -A OUTPUT -m comment --comment "kubernetes host ports" -j KUBE-HOSTPORTS
[85:6852] -A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
[80:6552] -A POSTROUTING -j FLANNEL-POSTRTG
[33:1856] -A FLANNEL-POSTRTG -s 10.244.0.0/16 -d 10.244.0.0/16 -m comment --comment "pods keep their address among themselves" -j RETURN
[7:420] -A FLANNEL-POSTRTG -s 10.244.0.0/16 ! -d 224.0.0.0/4 -m comment --comment "pods leave with the address of their node" -j MASQUERADE --random-fully
[2:120] -A KUBE-EXT-0006A3259A797AC3 -m comment --comment "default/web masquerade traffic from outside" -j KUBE-MARK-MASQ
[2:120] -A KUBE-EXT-0006A3259A797AC3 -j KUBE-SVC-0006A3259A797AC3
[5:300] -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
[2:120] -A KUBE-NODEPORTS -p tcp -m tcp --dport 30080 -m comment --comment "default/web node port" -j KUBE-EXT-0006A3259A797AC3
[80:6552] -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
[5:300] -A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
[5:300] -A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
[0:0] -A KUBE-SEP-0008AHFIF2KSD666 -s 10.244.1.6/32 -m comment --comment "default/two" -j KUBE-MARK-MASQ
[0:0] -A KUBE-SEP-0008AHFIF2KSD666 -p tcp -m comment --comment "default/two" -m recent --set --name KUBE-SEP-0008AHFIF2KSD666 --mask 255.255.255.255 --rsource -m tcp -j DNAT --to-destination 10.244.1.6:8080
[0:0] -A KUBE-SEP-000A6HI1F4TLMM80 -s 10.244.2.7/32 -m comment --comment "default/two" -j KUBE-MARK-MASQ
[4:240] -A KUBE-SEP-000A6HI1F4TLMM80 -p tcp -m comment --comment "default/two" -m recent --set --name KUBE-SEP-000A6HI1F4TLMM80 --mask 255.255.255.255 --rsource -m tcp -j DNAT --to-destination 10.244.2.7:8080
[0:0] -A KUBE-SEP-000AFHI9EODAF26F -s 172.28.0.12/32 -m comment --comment "default/kubernetes:https" -j KUBE-MARK-MASQ
[3:180] -A KUBE-SEP-000AFHI9EODAF26F -p tcp -m comment --comment "default/kubernetes:https" -m tcp -j DNAT --to-destination 172.28.0.12:6443
[0:0] -A KUBE-SEP-000DU93I422HREOG -s 10.244.2.7/32 -m comment --comment "default/web" -j KUBE-MARK-MASQ
[13:780] -A KUBE-SEP-000DU93I422HREOG -p tcp -m comment --comment "default/web" -m tcp -j DNAT --to-destination 10.244.2.7:8080
[11:660] -A KUBE-SERVICES -d 10.96.20.1/32 -p tcp -m tcp --dport 80 -m comment --comment "default/web cluster IP" -j KUBE-SVC-0006A3259A797AC3
[4:240] -A KUBE-SERVICES -d 10.96.20.4/32 -p tcp -m tcp --dport 80 -m comment --comment "default/two cluster IP" -j KUBE-SVC-0001GQED6OENHP5J
[3:180] -A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -m comment --comment "default/kubernetes:https cluster IP" -j KUBE-SVC-0001HDCGG1DEHO14
[43:4136] -A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
[0:0] -A KUBE-SVC-0001GQED6OENHP5J ! -s 10.244.0.0/16 -d 10.96.20.4/32 -p tcp -m tcp --dport 80 -m comment --comment "default/two cluster IP" -j KUBE-MARK-MASQ
[3:180] -A KUBE-SVC-0001GQED6OENHP5J -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-000A6HI1F4TLMM80 --mask 255.255.255.255 --rsource -j KUBE-SEP-000A6HI1F4TLMM80
[0:0] -A KUBE-SVC-0001GQED6OENHP5J -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-0008AHFIF2KSD666 --mask 255.255.255.255 --rsource -j KUBE-SEP-0008AHFIF2KSD666
[1:60] -A KUBE-SVC-0001GQED6OENHP5J -m comment --comment "default/two -> 10.244.2.7:8080" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-000A6HI1F4TLMM80
[0:0] -A KUBE-SVC-0001GQED6OENHP5J -m comment --comment "default/two -> 10.244.1.6:8080" -j KUBE-SEP-0008AHFIF2KSD666
[0:0] -A KUBE-SVC-0001HDCGG1DEHO14 ! -s 10.244.0.0/16 -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -m comment --comment "default/kubernetes:https cluster IP" -j KUBE-MARK-MASQ
[3:180] -A KUBE-SVC-0001HDCGG1DEHO14 -m comment --comment "default/kubernetes:https -> 172.28.0.12:6443" -j KUBE-SEP-000AFHI9EODAF26F
[1:60] -A KUBE-SVC-0006A3259A797AC3 ! -s 10.244.0.0/16 -d 10.96.20.1/32 -p tcp -m tcp --dport 80 -m comment --comment "default/web cluster IP" -j KUBE-MARK-MASQ
[13:780] -A KUBE-SVC-0006A3259A797AC3 -m comment --comment "default/web -> 10.244.2.7:8080" -j KUBE-SEP-000DU93I422HREOG
`

export const FILTER = `[66:3836] -A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
[193:10836] -A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
[62:3596] -A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
[59:3416] -A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
[59:3416] -A FORWARD -j FLANNEL-FWD
[80:8314] -A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
[80:8314] -A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
[59:3416] -A FLANNEL-FWD -s 10.244.0.0/16 -m comment --comment "from pods" -j ACCEPT
[0:0] -A FLANNEL-FWD -d 10.244.0.0/16 -m comment --comment "to pods" -j ACCEPT
[0:0] -A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
[4:240] -A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -m comment --comment "kubernetes forwarding rules" -j ACCEPT
[127:7000] -A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
[3:180] -A KUBE-SERVICES -d 10.96.20.2/32 -p tcp -m tcp --dport 80 -m comment --comment "default/empty has no endpoints" -j REJECT --reject-with icmp-port-unreachable
`

/** A NetworkPolicy's rules on the first node, for what its pod sends. */
export const POLICY = `[0:0] -A DRYDOCK-NP -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
[2:120] -A DRYDOCK-NP -s 10.244.1.5/32 -m comment --comment "default/p1" -g DRYDOCK-NP-E-aaaaaaaaaaaa
[2:120] -A DRYDOCK-NP-E-aaaaaaaaaaaa -j DROP
`

export const route = {
  overlay:
    '[{"dst":"10.244.2.7","from":"10.244.1.5","gateway":"10.244.2.0","dev":"flannel.1","flags":[],"cache":[],"iif":"docker0"}]',
  bridge: '[{"dst":"10.244.2.7","from":"10.244.1.5","dev":"docker0","flags":[],"cache":[],"iif":"flannel.1"}]',
  local:
    '[{"type":"local","dst":"10.96.0.10","from":"10.244.1.5","dev":"lo","flags":[],"cache":["local"],"iif":"docker0"}]',
}
export const NEIGHBOUR = '[{"dst":"10.244.2.0","lladdr":"0e:d0:ac:1c:00:0c","state":["PERMANENT"]}]'
export const POD_NEIGHBOUR = '[{"dst":"10.244.2.7","lladdr":"1a:1a:b3:f1:d2:09","state":["REACHABLE"]}]'
export const FORWARDING = '[{"mac":"0e:d0:ac:1c:00:0c","dst":"172.28.0.12","flags":["self"],"state":"permanent"}]'
export const PORTS =
  '[{"mac":"33:33:00:00:00:01","ifname":"docker0","flags":["self"],"state":"permanent"},{"mac":"1a:1a:b3:f1:d2:09","ifname":"vethbbbbbbbb","flags":[],"master":"docker0","state":""}]'
export const VXLAN =
  '[{"ifindex":4,"ifname":"flannel.1","mtu":1450,"address":"0e:d0:ac:1c:00:0b","linkinfo":{"info_kind":"vxlan","info_data":{"id":1,"local":"172.28.0.11","link":"eth0","port":8472,"learning":false}}}]'
export const LISTENING = `LISTEN 0      5        127.0.0.1:9090      0.0.0.0:*
LISTEN 0      5          0.0.0.0:8080      0.0.0.0:*
LISTEN 0      4096             *:9100            *:*
LISTEN 0      4096 127.0.0.53%lo:53        0.0.0.0:*
LISTEN 0      511           [::1]:6010         [::]:*
`
