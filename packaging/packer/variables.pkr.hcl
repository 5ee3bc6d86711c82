variable "orka_endpoint" {
  type        = string
  description = "Of the Orka API; the HTTPS domain, since the plain address sends the token in clear."

  validation {
    condition     = can(regex("^https://", var.orka_endpoint))
    error_message = "The orka_endpoint must begin with https://."
  }
}

variable "orka_auth_token" {
  type        = string
  description = "Of a service account (orka3 sa token); the token of a person dies after an hour. Give it as PKR_VAR_orka_auth_token."
  sensitive   = true
}

variable "macos" {
  type        = string
  description = "Major version of macOS, as in packaging/software/manifest.json."

  validation {
    condition     = contains(["13", "14", "15", "26"], var.macos)
    error_message = "The macos must be 13, 14, 15 or 26."
  }
}

variable "source_image" {
  type        = string
  description = "The base: a local image, or ghcr.io/macstadium/orka-images/NAME pinned by its digest."

  validation {
    condition     = can(regex("^([a-z0-9][a-z0-9.-]{0,62}|[^@ ]+/[^@ ]+@sha256:[0-9a-f]{64})$", var.source_image))
    error_message = "The source_image must be the name of a local image, or an OCI reference with @sha256: and a digest; a tag such as latest is another image tomorrow."
  }
}

variable "image_name" {
  type        = string
  description = "The candidate: a local name (bun-macos-15-20261124-020000-ab12cd3), or an OCI reference (registry/project/bun-macos-15:20261124-020000-ab12cd3), which is pushed."
}

variable "package" {
  type        = string
  description = "MacRunners for the processor of the image: a tarball (make package RID=osx-arm64), or a released .pkg."
}

variable "team_id" {
  type        = string
  description = "Team ID (ten characters, in brackets in the name of a Developer ID) that the package and its program must be signed by. A .pkg needs it; empty for a tarball that is not signed."
  default     = ""

  validation {
    condition     = can(regex("^([A-Z0-9]{10})?$", var.team_id))
    error_message = "The team_id must be ten capital letters and digits, or empty."
  }
}

variable "ssh_public_key" {
  type        = string
  description = "File with the public keys of whoever may log in to VMs of this image."
}

variable "base_username" {
  type        = string
  description = "Administrator of the base image, who also owns its Homebrew."
  default     = "admin"
}

variable "base_password" {
  type        = string
  description = "The base image's password, which everybody knows. The image has another, which nobody does."
  default     = "admin"
  sensitive   = true
}

variable "storage_credentials" {
  type        = string
  description = "What opens your own storage, NAME=value a line, by the names of the manifest. Give it as PKR_VAR_storage_credentials."
  default     = ""
  sensitive   = true
}

variable "builder_name" {
  type        = string
  description = "Name of the builder VM; empty for one by chance. macrunners-fleet gives one that it recognises when a build was killed."
  default     = ""
}

variable "namespace" {
  type        = string
  description = "Of the builder VM."
  default     = "orka-default"
}

variable "node_tag" {
  type        = string
  description = "Builds only run on nodes with this tag; empty for any."
  default     = ""
}

variable "cpu_cores" {
  type        = number
  description = "Of the builder VM; its memory is in proportion."
  default     = 6
}
