/** 已保存的列表。 */
export const zhLists = {
  saved: {
    title: '已保存的列表',
    shown: '已保存的列表 {name}',
    changed: '已保存的列表 {name}，有更改',
    save: '保存',
    saveAs: '将此列表另存为 …',
    saveTitle: '保存此列表',
    saveBody: '筛选、命名空间、排序和列都以此名称保存，在有该资源类型的所有集群中可用。',
    update: '将更改保存到 {name}',
    rename: '重命名',
    renameTitle: '重命名已保存的列表 {name}',
    deleteTitle: '删除已保存的列表 {name}？',
    note: '已保存的列表',
  },
}
