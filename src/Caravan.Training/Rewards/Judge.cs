using Caravan.Inference;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Text;

namespace Caravan.Training;

/// <summary>A chat model that is asked what it thinks of answers. A grammar holds its replies to what can be read, and it takes the likeliest.</summary>
internal sealed class Judge : IDisposable
{
    private readonly Model model;
    private readonly Engine engine;
    private readonly ChatFormat format;
    private readonly Grammar replies;

    /// <summary>A judge.</summary>
    /// <param name="path">Its file or folder.</param>
    /// <param name="replies">What it may reply.</param>
    /// <param name="context">What every method is given.</param>
    /// <exception cref="CaravanException">None was named, or it cannot be read.</exception>
    public Judge(string? path, Grammar replies, MethodContext context)
    {
        this.replies = replies;
        model = context.Others.Load(path, "model of a reward that judges");
        format = ChatFormat.Of(model.Tokenizer, Path.GetFileName(model.Path));
        engine = new Engine(model, new EngineOptions { Threads = context.Device.Threads, Precision = ActivationPrecision.Exact });
    }

    /// <summary>A question about answers to a prompt, where <c>{prompt}</c> becomes what was said before.</summary>
    public static string About(Answer answer, string question) => question.Replace(
        "{prompt}", string.Join("\n\n", ((PromptSample)answer.Prompt.Source).Prompt.Texts("user").Select(part => $"{part.Part}: {part.Text}")), StringComparison.Ordinal);

    /// <summary>The replies to questions.</summary>
    /// <exception cref="CaravanException">A question does not fit the model's context.</exception>
    public IReadOnlyList<string> Ask(IEnumerable<string> questions)
    {
        Generation[] asked = [.. questions.Select(question => engine.Submit(Request(question)))];
        while (engine.Step())
        {
        }

        return [.. asked.Select(reply => reply.Failure is { } failure ? throw failure : model.Tokenizer.Decode([.. reply.Tokens]))];
    }

    /// <summary>A reply that is none of those that were allowed.</summary>
    public CaravanException Unreadable(Answer answer, string reply, string expected) =>
        answer.Prompt.Source.Origin.Problem($"has an answer to which the judge '{model.Path}' replied '{reply}'; {expected} was expected.");

    /// <summary>Stops the engine.</summary>
    public void Dispose() => engine.Dispose();

    private GenerationRequest Request(string question) => new()
    {
        Prompt = ChatPrompt.Of(format, [MessageList.Message("user", question)], null).Prompt.Tokens, MaxTokens = 8,
        StopTokens = [.. format.StopTokens, .. model.Tokenizer.EndOfGenerationIds], Sampling = SamplingOptions.Greedy with { Grammar = replies },
    };
}
