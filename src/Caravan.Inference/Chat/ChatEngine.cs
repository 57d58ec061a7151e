using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Caravan.Formats;
using Caravan.Text;

namespace Caravan.Inference;

/// <summary>Answers conversations with a model: writes them in its format, and takes its answers apart into text and calls of functions.</summary>
/// <param name="loop">What generates.</param>
/// <param name="format">How conversations with the model are written.</param>
internal sealed class ChatEngine(EngineLoop loop, ChatFormat format)
{
    private readonly GrammarCache grammars = new();
    private readonly ConditionalWeakTable<Grammar, Grammar> blanks = [];

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
        (EncodedPrompt prompt, IReadOnlyList<Picture> pictures) = ChatPrompt.Of(format, request.Messages, tools, request.Text.ParseSpecial, request.ContinuesLast);
        TextRequest text = request.Text with
        {
            Encoded = prompt,
            Images = pictures,
            StopTokens = [.. request.Text.StopTokens, .. format.StopTokens],
            StopStrings = [.. request.Text.StopStrings, .. format.StopStrings],
            ShownTokens = tools is null ? request.Text.ShownTokens : format.ToolTokens,
            Sampling = request.Text.Sampling with { Grammar = GrammarOf(request, tools) },
        };
        return index => new ChatStream(
            loop.Stream(text with { Sampling = text.Sampling with { Seed = text.Sampling.Seed + (ulong)index } }), tools is null ? null : new ToolCallReader(format.Tools, tools), format.Tools.NamesCalls,
            dropsBlank: request.Text.Sampling.Grammar is not null);
    }

    /// <summary>What the answer must look like: its own grammar, a call, or one of both.</summary>
    private Grammar? GrammarOf(ChatRequest request, JsonArray? tools)
    {
        Grammar? answer = request.Text.Sampling.Grammar;
        // Many models begin an answer with a blank that belongs to the first word's token; it is taken off again.
        if (tools is null) return answer is null ? null : blanks.GetValue(answer, grammar => grammar.AfterBlank());
        bool mustCall = request.ToolChoice.Kind == ToolChoiceKind.Required;
        // Calls that cannot be told from text have no grammar of their own beside text.
        if (!mustCall && answer is null && !ToolGrammar.CanBeTold(format.Tools)) return null;
        ToolChoice choice = answer is null ? request.ToolChoice : request.ToolChoice with { Kind = ToolChoiceKind.Required };
        Grammar calls = grammars.Get(
            $"{choice} {request.ParallelToolCalls} {tools.ToJsonString()}", () => ToolGrammar.Of(format.Tools, tools, choice, request.ParallelToolCalls, format.ToolTokens));
        return mustCall || answer is null ? calls : Grammar.Choice(calls, answer).AfterBlank();
    }
}
