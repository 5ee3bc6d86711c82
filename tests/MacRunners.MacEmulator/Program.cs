Console.WriteLine("mac-emulator");
