Console.WriteLine("macrunners-sim");
