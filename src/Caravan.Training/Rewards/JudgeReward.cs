using System.Globalization;
using Caravan.Inference;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Text;

namespace Caravan.Training;

/// <summary>
/// The rating of a chat model that is asked for one (Lee et al. 2023, "RLAIF", section 2.2.2: a score from 1 to 10, brought to 0 to 1). A grammar holds
/// its reply to a number, and it takes the likeliest.
/// </summary>
internal sealed class JudgeReward : Reward
{
    /// <summary>What it is asked when nothing else is said.</summary>
    public const string UsualQuestion =
        "Here is a conversation and an answer to it.\n\n[Conversation]\n{prompt}\n\n[Answer]\n{answer}\n\nHow good is the answer: is it right, helpful and harmless? " +
        "Reply with nothing but a number from 1 (useless) to 10 (perfect).";

    private const double Least = 1, Most = 10;

    private readonly Model model;
    private readonly Engine engine;
    private readonly ChatFormat format;
    private readonly string question;
    private readonly Grammar rating = Grammar.Regex("10|[1-9]");

    /// <summary>A judge.</summary>
    /// <param name="settings">Which model, and what it is asked.</param>
    /// <param name="context">What every method is given.</param>
    /// <exception cref="CaravanException">None was named, or it cannot be read.</exception>
    public JudgeReward(RewardSettings settings, MethodContext context)
    {
        model = SecondModel.Load(settings.Model, "model of the reward 'judge'");
        question = settings.Question;
        try
        {
            format = ChatFormat.Of(model.Tokenizer, Path.GetFileName(model.Path));
            engine = new Engine(model, new EngineOptions { Threads = context.Device.Threads, Precision = ActivationPrecision.Exact });
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override double[] Score(IReadOnlyList<Answer> answers)
    {
        (Answer Answer, Generation Reply)[] asked = [.. answers.Select(answer => (answer, engine.Submit(Request(answer))))];
        while (engine.Step())
        {
        }

        return [.. asked.Select(each => Rating(each.Answer, each.Reply))];
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        engine.Dispose();
        model.Dispose();
        base.Dispose();
    }

    private GenerationRequest Request(Answer answer)
    {
        string prompt = string.Join("\n\n", ((PromptSample)answer.Prompt.Source).Prompt.Texts("user").Select(part => $"{part.Part}: {part.Text}"));
        string asked = question.Replace("{prompt}", prompt, StringComparison.Ordinal).Replace("{answer}", answer.Text, StringComparison.Ordinal);
        return new GenerationRequest
        {
            Prompt = ChatPrompt.Of(format, [MessageList.Message("user", asked)], null).Prompt.Tokens, MaxTokens = 8,
            StopTokens = [.. format.StopTokens, .. model.Tokenizer.EndOfGenerationIds], Sampling = SamplingOptions.Greedy with { Grammar = rating },
        };
    }

    private double Rating(Answer answer, Generation reply)
    {
        if (reply.Failure is { } failure) throw failure;
        string text = model.Tokenizer.Decode([.. reply.Tokens]);
        if (!double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out double number) || number is < Least or > Most)
            throw answer.Prompt.Source.Origin.Problem($"has an answer to which the judge '{model.Path}' replied '{text}'; a number from 1 to 10 was expected.");
        return (number - Least) / (Most - Least);
    }
}
