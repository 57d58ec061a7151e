using Caravan.Inference;
using Caravan.Models;
using Caravan.Text;

namespace Caravan.Training.Synthesis;

/// <summary>Asks a model questions whose right answers are known.</summary>
/// <param name="model">Who is asked; stays the caller's.</param>
/// <param name="format">How its conversations are written.</param>
/// <param name="options">How it is asked.</param>
internal sealed class SkillExam(Model model, ChatFormat format, SkillExamOptions options)
{
    private const int QuestionsAtOnce = 32;

    private readonly GrammarCache grammars = new();

    /// <summary>The answers to each question, in the order of the questions.</summary>
    /// <param name="questions">What is asked.</param>
    /// <param name="progress">Told how many questions have been answered.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="CaravanException">The template refuses a conversation, or the model gives no usable numbers.</exception>
    /// <exception cref="OperationCanceledException">The work was ended.</exception>
    public IReadOnlyList<GradedAnswers> Run(IReadOnlyList<Question> questions, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        using Engine engine = new(model, options.Engine with { CacheTokens = QuestionsAtOnce * (options.MaxTokens + Room) });
        List<GradedAnswers> graded = [];
        foreach (Question[] some in questions.Chunk(QuestionsAtOnce))
        {
            Generation[][] generations = [.. some.Select((question, i) => Submit(engine, question, (ulong)(graded.Count + i)))];
            while (engine.Step()) cancellation.ThrowIfCancellationRequested();
            graded.AddRange(some.Zip(generations, Grade));
            progress?.Report(graded.Count);
        }

        return graded;
    }

    /// <summary>What prompts usually take at most; longer ones wait for others to end.</summary>
    private static int Room => 512;

    private Generation[] Submit(Engine engine, Question question, ulong number)
    {
        int[] prompt = ChatPrompt.Of(format, question.Messages, question.Tools).Prompt.Tokens;
        return [.. Enumerable.Range(0, options.Answers).Select(i => engine.Submit(new GenerationRequest
        {
            Prompt = prompt, MaxTokens = options.MaxTokens, StopTokens = [.. format.StopTokens],
            Sampling = new SamplingOptions
            {
                Temperature = (float)options.Temperature,
                Seed = options.Seed + (number * (ulong)options.Answers) + (ulong)i,
                Grammar = options.Constrained && question.Check is JsonCheck json ? grammars.Get(json.Schema(), () => Grammar.JsonSchema(json.Schema())) : null,
            },
        }))];
    }

    private GradedAnswers Grade(Question question, Generation[] generations)
    {
        foreach (Generation generation in generations)
            if (generation.Failure is { } failure) throw failure;
        return new GradedAnswers(question, [.. generations.Select(generation => model.Tokenizer.Decode([.. generation.Tokens]))]);
    }
}
