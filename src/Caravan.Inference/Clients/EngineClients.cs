using Microsoft.Extensions.AI;

namespace Caravan.Inference;

/// <summary>An engine as the interfaces of Microsoft.Extensions.AI.</summary>
public static class EngineClients
{
    /// <summary>A chat client that runs the engine on a thread of its own until it is disposed of. The engine and its model stay the caller's.</summary>
    /// <exception cref="CaravanException">The model has no tokenizer, or its chat template is none.</exception>
    public static IChatClient AsChatClient(this Engine engine) => new EngineChatClient(engine);
}
