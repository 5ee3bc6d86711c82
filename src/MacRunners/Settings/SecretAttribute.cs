namespace MacRunners.Settings;

/// <summary>The setting's values are never shown: not by <c>config show</c>, not in a fault.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretAttribute : Attribute;
