using Caravan.Models;

namespace Caravan.Inference;

/// <summary>Says why a row of logits gives no token.</summary>
internal static class LogitFaults
{
    /// <summary>The sentence for a fault; looks through the weights for the one that is broken.</summary>
    public static CaravanException Explain(Model model, SamplingFault fault) => fault == SamplingFault.NothingAllowed
        ? new CaravanException("Every token was forbidden at this place; loosen the logit bias or the constraints.")
        : BrokenLogits.Explain(model);
}
