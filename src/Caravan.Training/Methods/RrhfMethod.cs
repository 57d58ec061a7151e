using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>Ranks several rated answers to a prompt by how likely they are, and learns the best (Yuan et al. 2023, "RRHF").</summary>
/// <param name="context">What every method is given.</param>
/// <param name="loss">The loss of the answers to one prompt.</param>
internal sealed class RrhfMethod(MethodContext context, RrhfLoss loss) : DataMethod(context)
{
    /// <inheritdoc/>
    protected override Tensor Loss(Pass pass, PackedBatch part, BatchSize batch)
    {
        IReadOnlyList<RankedSample> samples = SamplesOf<RankedSample>(part, "rated answers (prompt, responses, scores)");
        ScoredSequences policy = Context.Policy.Score(pass, [.. part.Sequences]);
        List<double> slopes = [];
        double sum = 0;
        foreach (RankedSample sample in samples)
        {
            int count = sample.Responses.Count;
            double[] scores = policy.Sums[slopes.Count..(slopes.Count + count)];
            int[] lengths = [.. policy.Lengths.Skip(slopes.Count).Take(count)];
            LossAndGradient result = loss.Evaluate(scores, lengths, sample.Scores);
            Observations.Add("ranking_accuracy", Accuracy(scores, lengths, sample.Scores));
            sum += result.Loss / batch.Samples;
            slopes.AddRange(result.Gradient.Select(slope => slope / batch.Samples));
        }

        return policy.Objective(pass, sum, [.. slopes]);
    }

    /// <summary>The share of pairs of differently rated answers of which the better is the likelier by token.</summary>
    private static double Accuracy(double[] sums, int[] lengths, IReadOnlyList<double> scores)
    {
        int right = 0, pairs = 0;
        for (int i = 0; i < sums.Length; i++)
        {
            for (int j = 0; j < sums.Length; j++)
            {
                if (scores[i] >= scores[j]) continue;
                pairs++;
                right += sums[i] / lengths[i] < sums[j] / lengths[j] ? 1 : 0;
            }
        }

        return pairs == 0 ? 1 : (double)right / pairs;
    }
}
