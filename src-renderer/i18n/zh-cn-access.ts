/** Words of who may do what. */
export const zhAccess = {
  access: {
    title: '权限查询',
    hint: '显示由角色和绑定授予的权限。节点对其自身 Pod 的权限由其他机制决定，不在此显示。',
    own: '我可以做什么？',
    ownNothing: '您在此处没有任何权限。',
    ownUnknown: '集群没有完整说明您在此处的权限。',
    who: '谁可以执行此操作？',
    what: '此主体可以执行哪些操作？',
    verb: '动词',
    in: '范围',
    anywhere: '任意命名空间',
    everywhere: '整个集群',
    subject: '主体',
    subjectHint: 'ServiceAccount shop/default、User jane、Group system:masters',
    where: '生效范围',
    by: '来自角色 ← 绑定',
    noRole: '该角色不存在。',
    nobody: '没有任何主体被授予此权限。',
    nothing: '该主体及其默认所属的组均未被授予任何权限。',
    noSubject: '请以 User、Group 或 ServiceAccount 开头；ServiceAccount 写作“命名空间/名称”。',
  },
}
