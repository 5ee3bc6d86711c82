Console.WriteLine("macrunners");
