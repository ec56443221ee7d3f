/** Words of the map, charts and what the detail shows beside an object's own fields. */
export const zhPages = {
  relations: {
    title: '关系图',
    reading: '正在读取集群内容 …',
    alone: '没有其他对象引用它，它也未引用其他对象。',
    empty: '这里还没有相互关联的对象。工作负载、Service 及其使用的内容出现后会显示在此。',
    missing: '缺失',
    more: '还有 {count} 个',
    owns: '拥有',
    selects: '选择',
    routes: '路由到',
    scales: '伸缩',
    uses: '使用',
    binds: '绑定到',
    runs: '运行于',
  },
  usage: {
    title: '用量',
    spoken: '{title}：当前 {now}，最近几分钟最高 {most}',
    ago: '{minutes} 分钟前',
    now: '现在',
    requests: '请求',
    limits: '限制',
    allocatable: '可分配',
  },
}
