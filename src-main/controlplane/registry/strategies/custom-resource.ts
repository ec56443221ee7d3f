import type { KindDescriptor } from '../../../../src-kube/kinds/descriptor.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import type { Strategy } from '../strategy.ts'

/** What is special about the instances of one version of a CustomResourceDefinition: they must be as its schema says. */
export function customResourceStrategy({ verbs }: KindDescriptor): Strategy {
  const terminating = !verbs.includes('create')
  return {
    anyFinalizer: true,
    allowUnconditionalUpdate: false,
    prepareForCreate() {
      if (!terminating) return
      const words = 'create not allowed while custom resource definition is terminating'
      throw new StatusError(405, 'MethodNotAllowed', words)
    },
  }
}
