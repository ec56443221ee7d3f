import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'

/** A file below a volume (kubernetes.io, "Volumes"): a relative path that leads nowhere else, and no name that the kubelet keeps for itself. */
export function validateFilePath(file: string | undefined, path: FieldPath, errors: FieldError[]): void {
  if (!file) errors.push(path.required())
  else if (file.startsWith('/')) errors.push(path.invalid(file, 'must be a relative path'))
  else if (file.split('/').includes('..')) errors.push(path.invalid(file, "must not contain '..'"))
  else if (file.startsWith('..')) errors.push(path.invalid(file, "must not start with '..'"))
}
