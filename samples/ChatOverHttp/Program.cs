// Asks a server, 'caravan serve MODEL' or any that speaks OpenAI's HTTP: dotnet run --project samples/ChatOverHttp -- http://127.0.0.1:8080/v1 MODEL "Hello!"
using Caravan.Inference;
using Microsoft.Extensions.AI;

using IChatClient chat = new HttpChatClient(new Uri(args[0]), args[1]);
List<ChatMessage> messages = [new(ChatRole.System, "You are a helpful assistant."), new(ChatRole.User, args[2])];
await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync(messages, new ChatOptions { Temperature = 0.7f, MaxOutputTokens = 200 }))
    Console.Write(update.Text);
Console.WriteLine();
