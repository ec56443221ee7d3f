/**
 * Chinese for what the gateway says: failures, remedies and progress. The keys are its own sentences with names for their places, the text
 * that terminals and logs show too; a test keeps them all here.
 */
export const zhSentences: Readonly<Record<string, string>> = {
  // Ways to a cluster
  'The cluster does not answer: its API server is not running. Start the cluster.':
    '集群没有应答：其 API 服务器未运行。请启动集群。',
  "The cluster's host name cannot be resolved ({why}). Check the network or the kubeconfig.":
    '无法解析集群的主机名（{why}）。请检查网络或 kubeconfig。',
  'The cluster does not answer in time. Check the network or VPN.': '集群未及时应答。请检查网络或 VPN。',
  "The cluster's certificate is not for this address ({why}). Check the server in the kubeconfig, or name it by tls-server-name.":
    '集群的证书不适用于此地址（{why}）。请检查 kubeconfig 中的 server，或用 tls-server-name 指定名称。',
  'What answers is no API server, or refuses the client certificate ({why}). Check the server in the kubeconfig.':
    '应答的不是 API 服务器，或它拒绝了客户端证书（{why}）。请检查 kubeconfig 中的 server。',
  "The cluster's certificate is not trusted ({why}). Fetch its kubeconfig anew.":
    '集群的证书不受信任（{why}）。请重新获取其 kubeconfig。',
  'The connection to the cluster broke ({why}). Check the network or the proxy on the way.':
    '与集群的连接中断（{why}）。请检查网络或途中的代理。',
  'The cluster refused the connection: HTTP {status}.': '集群拒绝了连接：HTTP {status}。',
  'The connection to Drydock was lost before the answer came.': '在收到应答之前，与 Drydock 的连接已断开。',
  'No port of this machine can be listened on: {why}': '无法监听本机的任何端口：{why}',
  'There is no cluster "{name}".': '没有集群“{name}”。',
  'Drydock does not run this cluster itself, so it cannot do that to it.':
    '此集群不由 Drydock 运行，因此无法对其执行此操作。',

  '{host} does not answer': '{host} 没有应答',

  // Contexts of kubeconfig files, and signing in
  'Context "{name}" names a cluster that the kubeconfig does not hold.':
    '上下文“{name}”指向 kubeconfig 中不存在的集群。',
  'Context "{name}" signs in by the auth provider{provider}, which kubectl gave up with 1.26. Fetch a kubeconfig that names an exec plugin.':
    '上下文“{name}”通过 auth provider{provider} 登录，kubectl 自 1.26 起已不再支持。请获取使用 exec 插件的 kubeconfig。',
  'Context "{name}" refers to a file that cannot be read: {why}': '上下文“{name}”引用的文件无法读取：{why}',
  '"{command}" was to sign in, but gave neither a token nor a certificate with its key.':
    '本应由“{command}”登录，但它既没有给出令牌，也没有给出证书及其密钥。',
  'This cluster is signed in to by "{command}" in a terminal, which the app has not. Use a kubeconfig with a token.':
    '此集群由“{command}”在终端中登录，而应用没有终端。请使用带令牌的 kubeconfig。',
  'This cluster is signed in to by "{command}", which is not there. {hint}':
    '此集群由“{command}”登录，但它不存在。{hint}',
  'Install it.': '请安装它。',
  '"{command}" did not sign in within {seconds} s. {said}': '“{command}”未在 {seconds} 秒内完成登录。{said}',
  '"{command}" could not sign in: {said} Sign in again as for kubectl.':
    '“{command}”无法登录：{said} 请像使用 kubectl 时那样重新登录。',

  // Clusters of this machine
  'Cluster {name} is starting.': '集群 {name} 正在启动。',
  'Cluster {name} is stopped.': '集群 {name} 已停止。',
  'Start it first.': '请先启动它。',
  'Start the cluster.': '请启动集群。',
  'Start the cluster again.': '请重新启动集群。',
  'This control plane runs without nodes.': '此控制平面不带节点运行。',
  'Start it again with --nodes 1 or more.': '请用 --nodes 1 或更大的数重新启动它。',
  'Something else is being done to cluster {name} ({verb}).': '集群 {name} 正在执行其他操作（{verb}）。',
  'Wait until it is done, or cancel it.': '请等待其完成，或取消它。',
  'Wait until it is done.': '请等待其完成。',
  'Cancelled: what was made until then is undone.': '已取消：此前创建的内容已撤销。',
  'The cluster cannot be made like this.': '无法这样创建集群。',
  'See {fields}.': '请检查 {fields}。',
  '{why} Not all of it could be undone: {left}.': '{why} 未能全部撤销：{left}。',
  'The process {pid} that hosted the cluster has ended.': '承载集群的进程 {pid} 已结束。',
  "The cluster's process ended (exit {code}) while starting:": '集群的进程在启动时结束（退出码 {code}）：',
  'The process {pid} that hosts the cluster does not end.': '承载集群的进程 {pid} 没有结束。',
  'Cluster "{name}" is running already (process {pid}, {server}).': '集群“{name}”已在运行（进程 {pid}，{server}）。',
  'See it with `drydock status`, or end it first with `drydock down`.':
    '用 `drydock status` 查看，或先用 `drydock down` 结束它。',
  'Cluster "{name}" keeps its state in etcd, which this does not reach.':
    '集群“{name}”的状态保存在 etcd 中，此操作无法触及。',
  "Use etcd's own tools: `{command}`.": '请使用 etcd 自己的工具：`{command}`。',
  '"{name}" is no cluster name.': '“{name}”不能作为集群名。',
  'Use at most 32 lower-case letters, digits and "-", starting and ending with a letter or digit.':
    '最多使用 32 个小写字母、数字和“-”，首尾须为字母或数字。',
  'The data folder {folder} cannot be used: {why}.': '无法使用数据目录 {folder}：{why}。',
  'Choose another with --data, or give this user the right to write there.':
    '用 --data 选择其他目录，或授予此用户写入权限。',
  'The data folder {folder} holds no cluster, but it is not empty ({files}).':
    '数据目录 {folder} 中没有集群，但也不是空的（{files}）。',
  'Choose an empty or a new folder with --data.': '请用 --data 选择空目录或新目录。',
  "{file} is damaged: it is no cluster's settings.": '{file} 已损坏：它不是集群的设置。',
  'Restore that file from a backup, or start another cluster with --data.':
    '请从备份恢复该文件，或用 --data 启动另一个集群。',
  '{file} was written by a newer Drydock (version {version}).': '{file} 由更新版本的 Drydock 写入（版本 {version}）。',
  'Update Drydock; nothing was changed.': '请更新 Drydock；没有做任何更改。',
  '{folder} holds the cluster "{there}", not "{name}".': '{folder} 中是集群“{there}”，不是“{name}”。',
  'Give the matching --name or another --data.': '请给出匹配的 --name 或其他 --data。',

  // Docker and nodes
  'Docker is running, but this user may not use it.': 'Docker 正在运行，但此用户无权使用。',
  'Add the user to the group "docker" (sudo usermod -aG docker $USER), log in again and repeat.':
    '将用户加入“docker”组（sudo usermod -aG docker $USER），重新登录后重试。',
  'No Docker engine answers at {host}, where DOCKER_HOST points.': 'DOCKER_HOST 指向的 {host} 处没有 Docker 引擎应答。',
  'Start that engine, or correct DOCKER_HOST (unset it for the engine of this machine), and repeat.':
    '请启动该引擎，或更正 DOCKER_HOST（取消设置则使用本机的引擎），然后重试。',
  'Docker is not installed.': '未安装 Docker。',
  'Install Docker Desktop, or Docker Engine (Debian, Ubuntu: sudo apt-get install docker.io), and repeat.':
    '请安装 Docker Desktop 或 Docker Engine（Debian、Ubuntu：sudo apt-get install docker.io），然后重试。',
  'Docker is installed but not running.': 'Docker 已安装但未运行。',
  'Start it (Linux: sudo systemctl start docker; macOS and Windows: open Docker Desktop) and repeat.':
    '请启动它（Linux：sudo systemctl start docker；macOS 和 Windows：打开 Docker Desktop），然后重试。',
  'Docker does not answer: {why}.': 'Docker 没有应答：{why}。',
  'Check that `docker info` works, and DOCKER_HOST if it is set.':
    '请确认 `docker info` 可用，并检查 DOCKER_HOST（如已设置）。',
  'Too little disk: {free} GiB free in {folder}, and nodes need {needed} GiB.':
    '磁盘空间不足：{folder} 剩余 {free} GiB，而节点需要 {needed} GiB。',
  'Free some space (docker system prune removes unused images and containers) and repeat.':
    '请腾出空间（docker system prune 会删除未使用的镜像和容器），然后重试。',
  'Too little memory: {nodes} more nodes need {needed} GiB, and {free} GiB are free.':
    '内存不足：再增加 {nodes} 个节点需要 {needed} GiB，而可用 {free} GiB。',
  'Make at most {most}, or end other programs and repeat.': '最多创建 {most} 个，或结束其他程序后重试。',
  'End other programs and repeat.': '请结束其他程序后重试。',
  'No free /24 is left for the node network in 172.28.0.0/14.': '172.28.0.0/14 中已没有可用于节点网络的 /24。',
  'Remove Docker networks that are not used (docker network prune) and repeat.':
    '请删除不用的 Docker 网络（docker network prune），然后重试。',
  'The node network {subnet} is full.': '节点网络 {subnet} 已满。',
  'Remove a node first.': '请先删除一个节点。',
  'Node {name} was removed while it was being created.': '节点 {name} 在创建过程中被删除。',
  'Create it again.': '请重新创建。',
  'Node {name} could not be created: {why}': '无法创建节点 {name}：{why}',
  'Nothing of it was left behind. Repeat, or look at the engine with `docker info`.':
    '没有留下任何东西。请重试，或用 `docker info` 查看引擎。',
  'There is no such node.': '没有这个节点。',
  'See `drydock status`.': '请看 `drydock status`。',
  'The node image must be built, and mmdebstrap is missing.': '需要构建节点镜像，但缺少 mmdebstrap。',
  'Install it: sudo apt-get install mmdebstrap': '请安装：sudo apt-get install mmdebstrap',
  'Building the node image failed (exit {code}): {said}': '构建节点镜像失败（退出码 {code}）：{said}',
  '"{name}" is no node name.': '“{name}”不能作为节点名。',
  'Use at most 63 lower-case letters, digits and "-", as in "n4".': '最多使用 63 个小写字母、数字和“-”，如“n4”。',
  'Node {name} is there already.': '节点 {name} 已存在。',
  'Choose another name, or remove it with `drydock node remove {name}`.':
    '请另选名称，或用 `drydock node remove {name}` 删除它。',
  'There is no node "{name}".': '没有节点“{name}”。',
  'The cluster has no nodes; make one with `drydock node add NAME`.':
    '集群没有节点；用 `drydock node add NAME` 创建一个。',
  'Not Ready within {seconds} s: {missing}.': '{seconds} 秒内未就绪：{missing}。',
  'See what the node says with `docker logs drydock-<cluster>-<node>`, then run `drydock up` again.':
    '用 `docker logs drydock-<集群>-<节点>` 查看节点输出，然后再次运行 `drydock up`。',
  'Node {name} died while it was starting{said}.': '节点 {name} 在启动时异常退出{said}。',
  'Check the engine with `docker info` and its disk with `docker system df`, then repeat.':
    '用 `docker info` 检查引擎，用 `docker system df` 检查磁盘，然后重试。',
  'creating {name}': '正在创建 {name}',
  'waiting until {name} is Ready': '等待 {name} 就绪',
  '{name} is Ready': '{name} 已就绪',
  '{name} is made': '{name} 已创建',
  '{name} is awake': '{name} 已唤醒',
  '{name} is removed': '{name} 已删除',
  'removing what was made of {name}': '正在删除 {name} 已创建的部分',
  '{count} pods did not leave {node} in time; they go with the node':
    '{count} 个 Pod 未及时离开 {node}；它们将随节点一起删除',
  'nodes that are there: {names}; to be made: {count}': '已有节点：{names}；将创建：{count}',
  'nodes cannot be managed: {why}': '无法管理节点：{why}',
  'importing the node image': '正在导入节点镜像',
  'building the node image from Debian packages (about half a minute, once)':
    '正在用 Debian 软件包构建节点镜像（约半分钟，仅一次）',
  'network {name} is missing right after it was made': '网络 {name} 刚创建就不见了',

  // Images of the desktop
  'Docker on this machine has no image "{image}".': '本机的 Docker 没有镜像“{image}”。',
  'Build or pull it first; `docker images` lists what is there.': '请先构建或拉取；`docker images` 列出已有镜像。',
  'No node is running that could take an image.': '没有可接收镜像的节点在运行。',
  'Start the cluster with `drydock up`.': '请用 `drydock up` 启动集群。',
  '{node} did not take the images: {why}': '{node} 未能接收镜像：{why}',
  'Node {name} could not load the image: {why}': '节点 {name} 无法加载镜像：{why}',
  'See with `drydock status` that all nodes run, and load again.':
    '用 `drydock status` 确认所有节点都在运行，然后重新加载。',
  '{image} is on {node}': '{image} 已在 {node} 上',

  // Why a file or folder cannot be used
  'this user may not write there': '此用户无权在那里写入',
  'this user may not do that': '此用户无权这样做',
  'it is on a read-only file system': '位于只读文件系统上',
  'the disk is full': '磁盘已满',
  'the disk failed': '磁盘出错',
  'a file of that name is in the way': '已有同名文件',
  'a part of its path is a file': '其路径中有一部分是文件',
  'nothing can be made there': '无法在那里创建任何内容',
  'there is no such file or folder': '没有这个文件或目录',
  'it is a folder': '它是目录',

  // Snapshots
  'Cannot save the snapshot: {why}.': '无法保存快照：{why}。',
  'Cannot save the snapshot: {why} ({path}).': '无法保存快照：{why}（{path}）。',
  'Cannot read the snapshot {file}: {why}.': '无法读取快照 {file}：{why}。',
  'Cannot read the snapshot {file}: {why} ({path}).': '无法读取快照 {file}：{why}（{path}）。',
  'Cannot restore into {folder}: {why}.': '无法恢复到 {folder}：{why}。',
  'Cannot restore into {folder}: {why} ({path}).': '无法恢复到 {folder}：{why}（{path}）。',
  'the copy of the store cannot be made there': '无法在那里复制存储',
  '{there} of {all} bytes are there': '共 {all} 字节，只有 {there} 字节',
  'schema {version}, this one knows {known}': '结构版本 {version}，当前支持 {known}',
  'format {version}, this one knows {known}': '格式版本 {version}，当前支持 {known}',
  'its first line is not complete': '首行不完整',
  'the list of its parts is not complete': '部分列表不完整',
  'the list of its parts cannot be read': '部分列表无法读取',
  'its checksum is that of other bytes': '校验和与内容不符',
  'its nodes are stopped; `drydock up` starts them with the restored state':
    '其节点已停止；`drydock up` 会以恢复的状态启动它们',
  'its nodes are left as they are: {why}': '其节点保持原样：{why}',
  '{file} is no snapshot of Drydock.': '{file} 不是 Drydock 的快照。',
  '{file} is damaged: {how}.': '{file} 已损坏：{how}。',
  '{file} is cut short: {how}.': '{file} 不完整：{how}。',
  '{file} was written by a newer Drydock ({how}).': '{file} 由更新版本的 Drydock 写入（{how}）。',
  'Give another snapshot: `drydock snapshot status FILE` tells what one holds.':
    '请换一个快照：`drydock snapshot status FILE` 会显示其内容。',
  'Give the name of a file that `drydock snapshot save` made.': '请给出由 `drydock snapshot save` 生成的文件名。',
  'Nothing was changed; mend that and repeat, or choose another folder with --data.':
    '没有做任何更改；请修复后重试，或用 --data 选择其他目录。',
  'Cluster "{name}" is running (process {pid}).': '集群“{name}”正在运行（进程 {pid}）。',
  'End it first with `drydock down --name {name}`.': '请先用 `drydock down --name {name}` 结束它。',
  'There is a cluster "{name}" already, in {folder}.': '{folder} 中已有集群“{name}”。',
  'Give --force to replace its state by the snapshot, or restore beside it with another --name.':
    '用 --force 以快照替换其状态，或用另一个 --name 恢复到旁边。',
  'The snapshot is of another cluster than "{name}", whose nodes would not know it.':
    '快照属于“{name}”以外的集群，后者的节点不会认识它。',
  'Remove that one first with `drydock down --delete --name {name}`, or restore beside it with another --name.':
    '请先用 `drydock down --delete --name {name}` 删除它，或用另一个 --name 恢复到旁边。',
  'The data of cluster "{name}" is in use: {why}.': '集群“{name}”的数据正在使用中：{why}。',
  "End that process first, with `drydock down --name {name}` if it is the cluster's.":
    '请先结束该进程；如果是集群的进程，用 `drydock down --name {name}`。',
  'Too little disk: {free} MiB free for {folder}, and the snapshot needs {needed} MiB.':
    '磁盘空间不足：{folder} 剩余 {free} MiB，而快照需要 {needed} MiB。',
  'Free some space and repeat, or choose a folder on another disk with --data.':
    '请腾出空间后重试，或用 --data 选择另一个磁盘上的目录。',
  'Cluster "{name}" was never started to the end.': '集群“{name}”从未完整启动过。',
  'Run `drydock up --name {name}` first.': '请先运行 `drydock up --name {name}`。',
  'Nothing was saved; mend that, or give another file.': '没有保存；请修复，或给出其他文件。',
  '{file} is a folder.': '{file} 是目录。',
  'Give the name of a file in it.': '请给出其中的文件名。',
  '{file} is no file.': '{file} 不是文件。',
  'Give the name of one.': '请给出文件名。',
  '{file} exists already.': '{file} 已存在。',
  'Give another name, or --force to replace what is there.': '请换一个名称，或用 --force 替换现有内容。',

  // Programs of this machine
  'There is no helm on this machine.': '本机没有 helm。',
  'Install helm anew, or name another.': '请重新安装 helm，或指定另一个。',
  'There is no {name} on this machine.': '本机没有 {name}。',
  '{variable} names {path}, which cannot be run: correct it or unset it.':
    '{variable} 指向 {path}，但无法运行：请更正或取消设置。',
  'Install it with `{command}`, then try again.': '请用 `{command}` 安装，然后重试。',
  '{path} could not be run: {why}.': '无法运行 {path}：{why}。',
  'Install {name} anew, or name another.': '请重新安装 {name}，或指定另一个。',
  '{path} does not say its version as kubectl does.': '{path} 没有像 kubectl 那样说明版本。',
  'Install kubectl anew.': '请重新安装 kubectl。',

  // Consoles of kubectl
  'That is no console.': '这不是控制台。',
  'That is no command for kubectl or helm.': '这不是 kubectl 或 helm 的命令。',
  'The credentials of a cluster do not leave the desktop.': '集群的凭据不会离开本机。',
  'In a terminal `drydock kubeconfig` prints the kubeconfig of a cluster of your own.':
    '在终端中，`drydock kubeconfig` 会输出你自己集群的 kubeconfig。',
  'A console keeps no kubeconfig: what this changes would be gone at once.':
    '控制台不保留 kubeconfig：这里的更改会立即丢失。',
  'The namespace is chosen above the console, another cluster in the rail.':
    '命名空间在控制台上方选择，其他集群在左侧栏选择。',
  'A console runs kubectl and helm alone, so helm starts no plugin and no post-renderer here.':
    '控制台只运行 kubectl 和 helm，因此 helm 在这里不会启动插件和 post-renderer。',
  'Run it in a terminal; `drydock kubeconfig` names the cluster.': '请在终端中运行；`drydock kubeconfig` 给出集群。',
  'This console speaks to the cluster on screen, so {flag} is not taken.':
    '此控制台针对屏幕上的集群，因此不接受 {flag}。',
  'Choose the other cluster in the rail and open a console there.': '请在左侧栏选择另一个集群，并在那里打开控制台。',
  'There is no shell here, so output cannot go to {name}.': '这里没有 shell，输出不能交给 {name}。',
  'Only grep, head, tail and wc -l are known; kubectl itself has -o jsonpath, --sort-by and -l.':
    '只支持 grep、head、tail 和 wc -l；kubectl 自身有 -o jsonpath、--sort-by 和 -l。',
  '{name} takes here only a number of lines.': '这里的 {name} 只接受行数。',
  'Write `{name} -n 20`.': '请写成 `{name} -n 20`。',
  'grep knows here no -{flag}.': '这里的 grep 不支持 -{flag}。',
  'It knows -i, -v, -c, -w, -E and -F.': '它支持 -i、-v、-c、-w、-E 和 -F。',
  'grep takes here one pattern and no files.': '这里的 grep 只接受一个模式，不接受文件。',
  'Put it in quotes.': '请加上引号。',
  'grep takes here simple expressions only: without groups, counts, and more than three repetitions.':
    '这里的 grep 只接受简单表达式：没有分组和计数，重复不超过三个。',
  'grep does not understand {pattern}.': 'grep 无法理解 {pattern}。',
  'With -F every letter stands for itself.': '加上 -F，每个字符都按原样匹配。',
  'Something runs in this console already.': '此控制台中已有命令在运行。',
  'End it with Ctrl-C first.': '请先用 Ctrl-C 结束它。',
  '{name} did not say what could stand here.': '{name} 没有给出这里可用的内容。',

  // Helm
  'Something else is being done to release {name} ({verb}).': 'Release {name} 正在执行其他操作（{verb}）。',
  'Helm was ended during {verb}: {said}': 'Helm 在 {verb} 期间被终止：{said}',
  'it had not begun.': '尚未开始。',
  'What it made until then is still there: roll the release back, upgrade it again, or uninstall it.':
    '此前创建的内容仍然存在：请回滚此 release、重新升级或卸载。',
  'Helm said more than 16 MiB, so it was ended.': 'Helm 的输出超过 16 MiB，已被终止。',
  'helm ended with {code}': 'helm 以 {code} 结束',
  '"{name}" cannot be the name of a release.': '“{name}”不能作为 release 名。',
  'Use at most 53 lower-case letters, digits, dashes and dots.': '最多使用 53 个小写字母、数字、短横线和点。',
  '"{name}" cannot be the name of a namespace.': '“{name}”不能作为命名空间名。',
  'Use at most 63 lower-case letters, digits and dashes.': '最多使用 63 个小写字母、数字和短横线。',
  '"{name}" does not name a chart.': '“{name}”不是 chart 名。',
  'Choose where the chart comes from.': '请选择 chart 的来源。',
  '"{version}" is not a version.': '“{version}”不是版本号。',
  'Write one as 1.2.3, or a range as ^1.2.': '请写成 1.2.3，或范围 ^1.2。',
  'Write it as repository/chart.': '请写成 repository/chart。',
  'Write an address that begins with oci:// or https://.': '请填写以 oci:// 或 https:// 开头的地址。',
  'Write the whole path of its folder or its .tgz file.': '请填写其目录或 .tgz 文件的完整路径。',
  'The values are longer than 1 MiB.': 'values 超过 1 MiB。',
  'No release can hold them.': '任何 release 都放不下。',
  '{time} is not a time to wait.': '{time} 不是等待时间。',
  'Use 1 to {most} seconds.': '请用 1 到 {most} 秒。',
  '"{url}" is not the address of a repository.': '“{url}”不是仓库地址。',
  'Write one that begins with https://.': '请填写以 https:// 开头的地址。',
  'User and password are one line each.': '用户名和密码各占一行。',
  'Leave them empty when the repository asks for none.': '仓库不要求时请留空。',
  'A password needs a user.': '有密码就必须有用户名。',
  'Write whose it is.': '请填写用户名。',
  '"{name}" cannot be the name of a repository.': '“{name}”不能作为仓库名。',
  'Use letters, digits, dots and dashes, and no slash.': '请使用字母、数字、点和短横线，不要用斜杠。',
  '"{revision}" is not a revision.': '“{revision}”不是修订版本。',
  'Choose one that the release has.': '请选择此 release 已有的修订版本。',
  'Choose another name, or upgrade the release that has it.': '请另选名称，或升级使用该名称的 release。',
  'Choose another name for the repository.': '请为仓库另选名称。',
  'Wait until it is done; when it was interrupted, roll back to a revision that worked, or uninstall the release.':
    '请等待其完成；如果曾被中断，请回滚到可用的修订版本或卸载此 release。',
  'Add the repository, or update those there are.': '请添加仓库，或更新已有仓库。',
  'Update the repositories, and see which versions there are.': '请更新仓库，查看有哪些版本。',
  'Tick “Make the namespace”, or choose one that is there.': '请勾选“创建命名空间”，或选择已有的。',
  'Sign in as somebody who may do that in this cluster.': '请以在此集群中有权限的用户登录。',
  'Correct the values it names.': '请更正其中指出的值。',
  'Delete what is in the way, or install under the name of the release that owns it.':
    '请删除冲突的对象，或以拥有它的 release 的名称安装。',
  'Install first what brings these kinds into the cluster.': '请先安装向集群提供这些类型的组件。',
  'The chart cannot be rendered with these values: correct them, or the chart.':
    '无法用这些值渲染 chart：请更正值或 chart。',
  'What was made is there, but not ready: see its events and logs, then upgrade or roll back.':
    '已创建但未就绪：请查看其事件和日志，然后升级或回滚。',
  'Check the address and the network, then try again.': '请检查地址和网络，然后重试。',
  'Check the path: a chart is a folder with a Chart.yaml, or a .tgz of one.':
    '请检查路径：chart 是包含 Chart.yaml 的目录，或其 .tgz。',
  'It is gone already; look at the list.': '它已不存在；请看列表。',

  // What a person set
  '{path} was written by a newer Drydock.': '{path} 由更新版本的 Drydock 写入。',
  'Update Drydock, or move the file away.': '请更新 Drydock，或移走该文件。',
  '{path} is being written by another program.': '{path} 正由其他程序写入。',
  'Remove {lock} if there is none.': '如果没有这样的程序，请删除 {lock}。',
  '{path} is not what Drydock keeps there.': '{path} 不是 Drydock 保存在那里的内容。',
  'Correct it, or move it away to begin anew.': '请更正，或移走以重新开始。',
}
