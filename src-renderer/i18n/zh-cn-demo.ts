/** 新集群的 hello 演示，以及创建过程的步骤。 */
export const zhDemo = {
  hello: {
    title: 'Hello 演示',
    body: '在你的节点上运行三个小型 Web 服务器，共用本机的一个地址。每次应答都会说明由哪个节点给出。',
    start: '运行 Hello 演示',
    starting: '正在启动：{wanted} 个 Pod 中已有 {ready} 个就绪。',
    ready: '已可访问。多刷新几次页面，应答的节点可能不同。',
    open: '打开 {address}',
    look: '查看它的组成',
    remove: '删除演示',
  },
  steps: { title: '正在进行的步骤', took: '{seconds} 秒', failed: '最先失败的步骤：{step}' },
}
