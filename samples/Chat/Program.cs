// Asks a model in this process, and lets it call a function: dotnet run --project samples/Chat -- MODEL "What time is it?"
using Caravan.Inference;
using Caravan.Models;
using Microsoft.Extensions.AI;

using Model model = Model.Load(args[0]);
using Engine engine = new(model);
using IChatClient chat = engine.AsChatClient();

AIFunction clock = AIFunctionFactory.Create(() => DateTime.Now.ToString("HH:mm"), "clock", "The time of day.");
ChatOptions options = new() { Tools = [clock], MaxOutputTokens = 200 };
List<ChatMessage> messages = [new(ChatRole.User, args[1])];

for (int round = 0; round < 3; round++)
{
    List<ChatResponseUpdate> updates = [];
    await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync(messages, options))
    {
        Console.Write(update.Text);
        updates.Add(update);
    }

    ChatResponse answer = updates.ToChatResponse();
    messages.AddMessages(answer);
    FunctionCallContent[] calls = [.. answer.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>()];
    if (calls.Length == 0) break;
    foreach (FunctionCallContent call in calls)
    {
        Console.WriteLine($"[{call.Name}]");
        object? result = call.Name == clock.Name ? await clock.InvokeAsync(new AIFunctionArguments(call.Arguments)) : "There is no such function.";
        messages.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.CallId, result)]));
    }
}

Console.WriteLine();
