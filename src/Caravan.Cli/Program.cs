System.Console.WriteLine("caravan");
