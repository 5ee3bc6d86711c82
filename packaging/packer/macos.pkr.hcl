# One image of one version of macOS, local or in an OCI registry by the form of image_name. Everything that is done stands in
# packaging/scripts; here is only how it gets into the VM.
source "macstadium-orka" "image" {
  orka_endpoint             = var.orka_endpoint
  orka_auth_token           = var.orka_auth_token
  source_image              = var.source_image
  image_name                = var.image_name
  image_description         = "MacRunners, macOS ${var.macos}, from ${var.source_image}"
  orka_vm_builder_prefix    = "image-macos-${var.macos}"
  orka_vm_builder_name      = var.builder_name
  orka_vm_builder_namespace = var.namespace
  orka_vm_cpu_core          = var.cpu_cores
  orka_vm_tag               = var.node_tag
  orka_vm_tag_required      = var.node_tag != ""
  packer_vm_timeout         = 20
  packer_push_timeout       = 120
  ssh_username              = var.base_username
  ssh_password              = var.base_password
  ssh_timeout               = "15m"
}

build {
  sources = ["source.macstadium-orka.image"]

  provisioner "shell" {
    inline = ["mkdir -p /private/var/tmp/image/packaging"]
  }

  provisioner "file" {
    source      = "${path.root}/../scripts"
    destination = "/private/var/tmp/image/packaging/"
  }

  provisioner "file" {
    source      = "${path.root}/../software"
    destination = "/private/var/tmp/image/packaging/"
  }

  provisioner "file" {
    source      = var.package
    destination = "/private/var/tmp/image/package.archive"
  }

  provisioner "file" {
    source      = var.ssh_public_key
    destination = "/private/var/tmp/image/key.pub"
  }

  # The one place where secrets are used: the base's password by sudo, the storage's by the bootstrap, both over
  # standard input. From then on sudo asks for none.
  provisioner "shell" {
    script           = "${path.root}/../scripts/build-image.sh"
    use_env_var_file = true
    environment_vars = [
      "MACOS=${var.macos}", "ADMIN=${var.base_username}", "BASE_PASSWORD=${var.base_password}", "STORAGE_CREDENTIALS=${var.storage_credentials}",
      "TEAM_ID=${var.team_id}",
    ]
  }
}
