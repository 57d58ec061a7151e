using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Training.Tests;

public class KtoLossTests
{
    private static readonly KtoLoss Loss = new() { UndesirableWeight = 1.33 };

    [FixtureTheory]
    [InlineData("kto", false)]
    [InlineData("kto_z0_clamped_to_zero", true)]
    public void IsTheGoldenOne(string name, bool clamped)
    {
        JsonElement golden = Golden.Open("preference_losses.json"), inputs = golden.GetProperty("inputs"), kto = golden.GetProperty("kto");
        double[] policy = kto.Numbers("kl_policy_logps"), reference = kto.Numbers("kl_reference_logps");
        // Exchanged, the models' divergence is estimated to be negative.
        double point = clamped ? KtoLoss.ReferencePoint(reference, policy) : KtoLoss.ReferencePoint(policy, reference);
        Golden.Equal(clamped ? 0 : kto.Number("z0"), point);
        KtoLossResult actual = Loss.Evaluate([.. Responses(inputs, "chosen"), .. Responses(inputs, "rejected")], point);
        JsonElement expected = golden.GetProperty(name);
        Golden.Equal(expected.Numbers("losses"), actual.Losses);
        Golden.Equal(expected.Number("mean"), actual.Loss);
        Golden.Equal(
            [.. expected.Numbers("grad_mean_wrt_policy_chosen"), .. expected.Numbers("grad_mean_wrt_policy_rejected")], actual.Gradient);
    }

    [Fact]
    public void GradientIsItsSlope()
    {
        LabelledResponse[] responses = [new(-3, -5, true), new(-7, -4, false), new(-20, -8, true), new(-1, -9, false)];
        Slope.Check(
            Loss.Evaluate(responses, 0.3).Gradient, [.. responses.Select(response => response.Policy)],
            at => Loss.Evaluate([.. responses.Select((response, i) => response with { Policy = at[i] })], 0.3).Loss);
    }

    private static IEnumerable<LabelledResponse> Responses(JsonElement inputs, string kind) => inputs.Numbers($"policy_{kind}_logps").Zip(
        inputs.Numbers($"reference_{kind}_logps"), (policy, reference) => new LabelledResponse(policy, reference, kind == "chosen"));
}
