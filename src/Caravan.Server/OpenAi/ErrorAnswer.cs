using System.Text.Json.Serialization;

namespace Caravan.Server;

/// <summary>What is answered to a request that is refused.</summary>
internal sealed record ErrorAnswer(ErrorObject Error);

/// <summary>OpenAI's error object; what is null is said too.</summary>
internal sealed record ErrorObject(
    string Message,
    string Type,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Code);
