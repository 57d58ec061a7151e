using Caravan.Models;

namespace Caravan.Inference;

/// <summary>Says why a row of logits gives no token.</summary>
internal static class LogitFaults
{
    /// <summary>The sentence for a fault; looks through the weights for the one that is broken.</summary>
    public static CaravanException Explain(Model model, SamplingFault fault) => fault switch
    {
        SamplingFault.NothingAllowed => new CaravanException("Every token was forbidden at this place; loosen the logit bias or the constraints."),
        SamplingFault.GrammarStuck => new CaravanException(
            "No token of the vocabulary can go on with the text that the grammar asks for (it may lack a byte, or a logit bias may forbid it); loosen the grammar or the bias."),
        _ => BrokenLogits.Explain(model),
    };
}
