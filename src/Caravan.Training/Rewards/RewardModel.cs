using Caravan.Models;
using Caravan.Tensors;
using Caravan.Text;

namespace Caravan.Training;

/// <summary>The score of a model that has learnt which answers people prefer (<see cref="RewardModeling"/>).</summary>
internal sealed class RewardModel : Reward
{
    private readonly Policy policy;
    private readonly ScoreHead head;
    private readonly TrainingText text;
    private readonly Pass pass;
    private readonly int tokens;

    /// <summary>A reward model from a folder.</summary>
    /// <param name="settings">Where it is.</param>
    /// <param name="context">What every method is given.</param>
    /// <exception cref="CaravanException">None was named, or there is none.</exception>
    public RewardModel(RewardSettings settings, MethodContext context)
    {
        Model model = context.Others.Load(settings.Model, "model of the reward 'model'", settings.Adapter);
        policy = new Policy(model, settings.Adapter is null ? -1 : 0);
        head = ScoreHead.Read(model, settings.Adapter ?? settings.Model!);
        ChatFormat? format = context.Data.Text.Format is null ? null : ChatFormat.Of(model.Tokenizer, System.IO.Path.GetFileName(model.Path));
        text = new TrainingText(model.Tokenizer, format, new TrainingTextOptions { Context = Math.Min(model.Spec.LongestSequence, context.Data.Text.Context) });
        pass = new Pass(context.Device);
        tokens = context.MicroBatchTokens;
    }

    /// <inheritdoc/>
    public override double[] Score(IReadOnlyList<Answer> answers)
    {
        List<double> scores = [];
        foreach (IReadOnlyList<EncodedSequence> some in Portions.Of([.. answers.Select(Sequence)], sequence => sequence.Tokens.Length, tokens))
        {
            pass.Reset();
            scores.AddRange(RowValues.Of(head.OfTexts(pass, policy, some)));
        }

        pass.Reset();
        return [.. scores];
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        pass.Dispose();
        head.Dispose();
        base.Dispose();
    }

    /// <summary>The answer in the words of this model's template. Too long ones are cut off.</summary>
    private EncodedSequence Sequence(Answer answer)
    {
        EncodedSequence sequence = text.Answer(((PromptSample)answer.Prompt.Source).Prompt, Passage.Of(answer.Text));
        return sequence.Slice(0, Math.Min(sequence.Tokens.Length, text.Context));
    }
}
