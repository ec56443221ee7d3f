import type { enImages } from './en-images.ts'

export const zhImages: typeof enImages = {
  images: {
    title: '镜像',
    again: '重新查看',
    hint: '节点报告的镜像（每个节点最多五十个）以及 Pod 所需的镜像。',
    hintOwn:
      '本机已有的镜像不需要镜像仓库：Pod 需要时，节点会自行取用。“加载”会提前把镜像复制到所有节点。每个节点最多报告五十个镜像。',
    unknown: '无法得知本机的镜像：',
    none: '还没有镜像',
    name: '镜像',
    size: '大小',
    desktop: '本机',
    here: '有',
    nodes: '节点',
    all: '全部 {count} 个',
    pods: 'Pod',
    missing: '没有节点有它 | 没有节点有它，1 个 Pod 在等待 | 没有节点有它，{count} 个 Pod 在等待',
    load: '加载',
    loading: '正在加载…',
    loaded: '{name} 已在所有运行中的节点上',
    run: '运行…',
  },
}
