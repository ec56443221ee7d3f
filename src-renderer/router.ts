import { createRouter, createWebHashHistory, type Router } from 'vue-router'
import AccessPage from './access/AccessPage.vue'
import HelmPage from './helm/HelmPage.vue'
import ReleasePage from './helm/ReleasePage.vue'
import ImagesPage from './images/ImagesPage.vue'
import ClusterOverview from './pages/ClusterOverview.vue'
import CreateCluster from './clusters/CreateCluster.vue'
import ForwardsPage from './pages/ForwardsPage.vue'
import KindPage from './pages/KindPage.vue'
import MapPage from './pages/MapPage.vue'
import NoCluster from './pages/NoCluster.vue'
import SettingsPage from './pages/SettingsPage.vue'
import TracePage from './trace/TracePage.vue'
import { carryMoment } from './past/carry-moment.ts'

/** Hash URLs, because the same files are served from a gateway and, later, from a file. All state of a page stands in its query. */
export function createAppRouter(): Router {
  const router = createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', name: 'start', component: NoCluster },
      { path: '/new', name: 'create', component: CreateCluster },
      { path: '/settings', name: 'settings', component: SettingsPage },
      { path: '/c/:cluster', name: 'overview', component: ClusterOverview },
      { path: '/c/:cluster/forwards', name: 'forwards', component: ForwardsPage },
      { path: '/c/:cluster/helm', name: 'helm', component: HelmPage },
      { path: '/c/:cluster/helm/install', name: 'helm-install', component: ReleasePage },
      { path: '/c/:cluster/helm/upgrade/:namespace/:name', name: 'helm-upgrade', component: ReleasePage },
      { path: '/c/:cluster/images', name: 'images', component: ImagesPage },
      { path: '/c/:cluster/trace', name: 'trace', component: TracePage },
      { path: '/c/:cluster/access', name: 'access', component: AccessPage },
      { path: '/c/:cluster/map', name: 'map', component: MapPage },
      { path: '/c/:cluster/k/:view', name: 'kind', component: KindPage },
      { path: '/:rest(.*)', redirect: '/' },
    ],
  })
  carryMoment(router)
  return router
}
