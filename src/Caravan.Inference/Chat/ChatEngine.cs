using System.Text.Json.Nodes;
using Caravan.Formats;
using Caravan.Text;

namespace Caravan.Inference;

/// <summary>Answers conversations with a model: writes them in its format, and takes its answers apart into text and calls of functions.</summary>
/// <param name="loop">What generates.</param>
/// <param name="format">How conversations with the model are written.</param>
internal sealed class ChatEngine(EngineLoop loop, ChatFormat format)
{
    /// <summary>How conversations are written.</summary>
    public ChatFormat Format => format;

    /// <summary>What generates.</summary>
    public EngineLoop Loop => loop;

    /// <summary>Begins an answer.</summary>
    /// <exception cref="CaravanException">A message is not as it should be, the template refuses the conversation, or it does not fit the context.</exception>
    /// <exception cref="EngineBusyException">Too many wait already, or the engine is ending.</exception>
    public ChatStream Stream(ChatRequest request) => Begin(request)(0);

    /// <summary>Reads a conversation once. Each call of the result begins an answer to it; its number goes to the seed, so that answers to one question differ.</summary>
    /// <exception cref="CaravanException">As for <see cref="Stream"/>.</exception>
    public Func<int, ChatStream> Begin(ChatRequest request)
    {
        JsonArray? tools = request.Tools is { Count: > 0 } && request.ToolChoice.Kind != ToolChoiceKind.None ? request.Tools : null;
        (EncodedPrompt prompt, IReadOnlyList<Picture> pictures) = ChatPrompt.Of(format, request.Messages, tools, request.Text.ParseSpecial);
        TextRequest text = request.Text with
        {
            Encoded = prompt,
            Images = pictures,
            StopTokens = [.. request.Text.StopTokens, .. format.StopTokens],
            StopStrings = [.. request.Text.StopStrings, .. format.StopStrings],
            ShownTokens = tools is null ? request.Text.ShownTokens : format.ToolTokens,
        };
        return index => new ChatStream(
            loop.Stream(text with { Sampling = text.Sampling with { Seed = text.Sampling.Seed + (ulong)index } }), tools is null ? null : new ToolCallReader(format.Tools, tools), format.Tools.NamesCalls);
    }
}
