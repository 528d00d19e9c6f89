"""Whether objects may exist: what each kind requires, in the words of Kubernetes 1.32.

Texts and their order are those of pkg/apis/{core,apps}/validation and apimachinery's util/validation.
"""
