/** 在其他集群中找到的内容。 */
export const zhSearch = {
  elsewhere: {
    asking: '正在搜索 …',
    part: '{count} 项中的 {shown} 项',
    unopened: '以下集群尚未打开过，未搜索：{names}',
  },
}
