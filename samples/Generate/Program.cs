// Continues a text with a model: dotnet run --project samples/Generate -- MODEL "Once upon a time"
using Caravan.Inference;
using Caravan.Models;

using Model model = Model.Load(args[0]);
using Engine engine = new(model);
TextRequest request = new() { Prompt = args[1], MaxTokens = 100, Sampling = new SamplingOptions { Temperature = 0.8f, TopP = 0.9f } };
TextGeneration.Run(engine, request, (text, _, _) => Console.Out.Write(text));
Console.WriteLine();
