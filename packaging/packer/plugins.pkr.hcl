# Apart from the template, so that a Packer without plugins can check that one.
packer {
  required_version = ">= 1.7.0"

  required_plugins {
    macstadium-orka = {
      source  = "github.com/macstadium/macstadium-orka"
      version = "~> 3.1"
    }
  }
}
