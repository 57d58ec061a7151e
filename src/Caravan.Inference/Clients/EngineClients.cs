using Caravan.Models;
using Microsoft.Extensions.AI;

namespace Caravan.Inference;

/// <summary>Models and engines as the interfaces of Microsoft.Extensions.AI.</summary>
public static class EngineClients
{
    /// <summary>A chat client that runs the engine on a thread of its own until it is disposed of. The engine and its model stay the caller's.</summary>
    /// <exception cref="CaravanException">The model has no tokenizer, or its chat template is none.</exception>
    public static IChatClient AsChatClient(this Engine engine) => new EngineChatClient(engine);

    /// <summary>
    /// Vectors of length 1 of texts, from an encoder or from the last layer of a decoder. Which row stands for a text is what the model's files say, or
    /// the mean. The model stays the caller's.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="options">Threads, instruction set, precision and tokens of a pass count; null for the usual.</param>
    public static IEmbeddingGenerator<string, Embedding<float>> AsEmbeddingGenerator(this Model model, EngineOptions? options = null) =>
        new ModelEmbeddingGenerator(model, options ?? new EngineOptions());
}
